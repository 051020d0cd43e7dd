// SPDX-License-Identifier: Apache-2.0

#if Metrics
    import CoreMetrics
    import ExperimanceZMQTesting
    import MetricsTestKit
    import TestSupport
    import Testing

    @testable import ExperimanceZMQ

    @Suite("Metrics", .watchdog)
    struct MetricsTests {
        @Test("Counters have what has come, each message once; the gauge has the peers")
        func counts() async throws {
            let backend = TestMetrics()
            let (pusher, puller) = (try ZMQPusher(), try ZMQPuller())
            try await pusher.connect(try await puller.bind("tcp://127.0.0.1:*"), timeout: ample)
            let dimensions = [("socket", "orders")]
            let sent = ZMQMetricsReporter(pusher, to: ZMQMetrics(dimensions: dimensions, factory: backend))
            let received = ZMQMetricsReporter(puller, to: ZMQMetrics(prefix: "in", factory: backend))
            for _ in 0..<3 {
                try await pusher.send("four".utf8, timeout: ample)
                _ = try await puller.receive(timeout: ample)
                try sent.report()
                try sent.report()
                try received.report()
            }
            #expect(backend.counterTotal(label: "experimance_zmq_messages_sent_total", dimensions: dimensions) == 3)
            #expect(backend.counterTotal(label: "experimance_zmq_sent_bytes_total", dimensions: dimensions) == 12)
            #expect(backend.counterTotal(label: "in_messages_received_total") == 3)
            #expect(backend.counterTotal(label: "in_messages_sent_total") == 0)
            #expect(try backend.expectGauge("experimance_zmq_peers", dimensions).lastValue == 1)
        }

        @Test("Names are those of all doors, in the order of the file")
        func names() throws {
            let made = Mirror(reflecting: ZMQMetrics(factory: TestMetrics())).children.map { child in
                let field = (child.label ?? "").replacing(/[A-Z]/) { "_" + $0.output.lowercased() }
                if let counter = child.value as? Counter { return [counter.label, "counter", field] }
                return [(child.value as? Gauge)?.label ?? "", "gauge", field]
            }
            let lines = try DataLine.read("metrics.tsv", columns: 5)
            #expect(made == lines.map { Array($0.columns.prefix(3)) })
        }

        @Test("Nothing is reported where nothing is asked for, and of a closed socket that is an error")
        func nothing() async throws {
            let puller = try ZMQPuller()
            let reporter = ZMQMetricsReporter(puller, to: ZMQMetrics())
            try reporter.report()
            try await puller.close()
            #expect(throws: ZMQSocketError.self) { try reporter.report() }
        }

        @Test("An interval of no time is one after all, so that nothing else is kept from running")
        func intervals() async throws {
            let puller = try ZMQPuller()
            let clock = ManualClock()
            for interval in [Duration.zero, Duration(attoseconds: .min), Duration(attoseconds: .max)] {
                let task = Task {
                    await ZMQMetricsReporter(puller, to: ZMQMetrics()).run(every: interval, clock: clock)
                }
                await clock.sleepers(atLeast: 1)
                task.cancel()
                await task.value
            }
            try await puller.close()
        }

        @Test("A reporter that runs ends with its task, and with its socket")
        func ends() async throws {
            let puller = try ZMQPuller()
            let reporter = ZMQMetricsReporter(puller, to: ZMQMetrics())
            let task = Task { await reporter.run(every: .seconds(3600)) }
            task.cancel()
            await task.value
            try await puller.close()
            await reporter.run(every: .seconds(3600))
        }
    }
#endif
