// SPDX-License-Identifier: Apache-2.0

#if Tracing
    public import Tracing

    extension ZMQSendingSocket {
        /// Blocks its thread until a message is taken that tells its receiver the trace it belongs to, in a part of its
        /// own before the payload; without a context, or a tracer that makes something of it, as
        /// `send(_:timeout:)`.
        ///
        /// - Throws: as `send(parts:timeout:)`.
        @available(*, noasync, message: "it blocks its thread: await the asynchronous form")
        public func send(
            _ bytes: some Sequence<UInt8>,
            in context: ServiceContext?,
            timeout: ZMQTimeout = .default
        ) throws(ZMQSocketError) {
            guard let frame = context?.contextFrame else { return try send(bytes, timeout: timeout) }
            try send(parts: [frame, Array(bytes)], timeout: timeout)
        }

        /// Sends a message that tells its receiver the trace it belongs to, in a part of its own before the payload;
        /// without a context, or a tracer that makes something of it, as `send(_:timeout:)`.
        ///
        /// ```swift
        /// try await withSpan("order", ofKind: .producer) { span in
        ///     try await pusher.send(order, in: span.context)
        /// }
        /// ```
        ///
        /// - Throws: as `send(parts:timeout:)`.
        public nonisolated(nonsending) func send(
            _ bytes: some Sequence<UInt8>,
            in context: ServiceContext?,
            timeout: ZMQTimeout = .default
        ) async throws(ZMQSocketError) {
            guard let frame = context?.contextFrame else { return try await send(bytes, timeout: timeout) }
            try await send(parts: [frame, Array(bytes)], timeout: timeout)
        }
    }

    extension ZMQMessage {
        /// The context a message was sent in, with what the program's tracer makes of it; nil without one.
        ///
        /// ```swift
        /// try await withSpan("handle", context: message.serviceContext ?? .topLevel, ofKind: .consumer) { _ in
        ///     try await handle(message)
        /// }
        /// ```
        public var serviceContext: ServiceContext? {
            guard let fields = contextFields else { return nil }
            var context = ServiceContext.topLevel
            InstrumentationSystem.instrument.extract(fields, into: &context, using: FieldExtractor())
            return context
        }
    }

    extension ServiceContext {
        /// Nil if the program's tracer has nothing to say.
        fileprivate var contextFrame: [UInt8]? {
            var fields: [String: String] = [:]
            InstrumentationSystem.instrument.inject(self, into: &fields, using: FieldInjector())
            return fields.isEmpty ? nil : ContextFrame.bytes(of: fields)
        }
    }

    private struct FieldInjector: Injector {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
            carrier[key.lowercased()] = value
        }
    }

    private struct FieldExtractor: Extractor {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key.lowercased()] }
    }
#endif
