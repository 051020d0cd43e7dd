// SPDX-License-Identifier: Apache-2.0

#if Tracing
    import InMemoryTracing
    import Testing
    import Tracing

    @testable import ExperimanceZMQ

    @Suite("Tracing", .watchdog)
    struct TracingTests {
        @Test("The context a message was sent in comes with it, and the payload is what it is")
        func carried() async throws {
            let (pusher, puller) = (try ZMQPusher(), try ZMQPuller())
            try await pusher.connect(try await puller.bind("tcp://127.0.0.1:*"), timeout: ample)
            try await withTracer(InMemoryTracer()) {
                try await withSpan("order", ofKind: .producer) { span in
                    try await pusher.send("payload".utf8, in: span.context, timeout: ample)
                    let message = try await puller.receive(timeout: ample)
                    #expect(message.text == "payload")
                    #expect(message.topic == nil)
                    let context = try #require(message.serviceContext?.inMemorySpanContext)
                    #expect(context.traceID == span.context.inMemorySpanContext?.traceID)
                    #expect(context.spanID == span.context.inMemorySpanContext?.spanID)
                }
            }
        }

        @Test("Without a context, or a tracer, a message is sent as always")
        func without() async throws {
            let (pusher, puller) = (try ZMQPusher(), try ZMQPuller())
            try await pusher.connect(try await puller.bind("tcp://127.0.0.1:*"), timeout: ample)
            for context in [nil, ServiceContext.topLevel] {
                try await pusher.send("payload".utf8, in: context, timeout: ample)
                let message = try await puller.receive(timeout: ample)
                #expect(message.partCount == 1)
                #expect(message.serviceContext == nil)
            }
        }
    }
#endif
