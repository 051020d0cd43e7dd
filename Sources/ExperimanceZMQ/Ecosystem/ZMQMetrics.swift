// SPDX-License-Identifier: Apache-2.0

#if Metrics
    public import CoreMetrics

    /// What of a socket's statistics goes to swift-metrics: a counter or gauge for each, those that are nil not.
    ///
    /// ```swift
    /// let metrics = ZMQMetrics(dimensions: [("socket", "orders")])
    /// let reporter = ZMQMetricsReporter(puller, to: metrics)
    /// try await reporter.run(every: .seconds(10))
    /// ```
    public struct ZMQMetrics: Sendable {
        /// Messages sent.
        public var messagesSent: Counter?
        /// Their bytes.
        public var bytesSent: Counter?
        /// Messages received.
        public var messagesReceived: Counter?
        /// Their bytes.
        public var bytesReceived: Counter?
        /// Sends that came back with an error.
        public var sendsRefused: Counter?
        /// Calls that waited until their deadline.
        public var timeouts: Counter?
        /// Attempts to connect.
        public var connectAttempts: Counter?
        /// Links that were made again.
        public var reconnects: Counter?
        /// Established links that were lost.
        public var linksLost: Counter?
        /// Connections that did not get through the handshake.
        public var peersRejected: Counter?
        /// Events that nobody read in time.
        public var eventsDropped: Counter?
        /// Queues of lost links that were dropped.
        public var queuesDropped: Counter?
        /// Peers with a finished handshake now.
        public var peers: Gauge?

        /// Nothing, to choose from.
        public init() {}

        /// All of them, under the names that `exz top --prometheus` and the package for Python give them, too:
        /// `PREFIX_messages_sent_total`, `PREFIX_sent_bytes_total`, `PREFIX_messages_received_total`,
        /// `PREFIX_received_bytes_total`, `PREFIX_sends_refused_total`, `PREFIX_timeouts_total`,
        /// `PREFIX_connect_attempts_total`, `PREFIX_reconnects_total`, `PREFIX_links_lost_total`,
        /// `PREFIX_peers_rejected_total`, `PREFIX_events_dropped_total`, `PREFIX_queues_dropped_total`, `PREFIX_peers`.
        ///
        /// - Parameters:
        ///   - prefix: what the names begin with.
        ///   - dimensions: what tells the socket from others.
        ///   - factory: by default the one the program has bootstrapped.
        public init(
            prefix: String = "experimance_zmq",
            dimensions: [(String, String)] = [],
            factory: any MetricsFactory = MetricsSystem.factory
        ) {
            func counter(_ name: String) -> Counter {
                Counter(label: "\(prefix)_\(name)_total", dimensions: dimensions, factory: factory)
            }
            messagesSent = counter("messages_sent")
            bytesSent = counter("sent_bytes")
            messagesReceived = counter("messages_received")
            bytesReceived = counter("received_bytes")
            sendsRefused = counter("sends_refused")
            timeouts = counter("timeouts")
            connectAttempts = counter("connect_attempts")
            reconnects = counter("reconnects")
            linksLost = counter("links_lost")
            peersRejected = counter("peers_rejected")
            eventsDropped = counter("events_dropped")
            queuesDropped = counter("queues_dropped")
            peers = Gauge(label: "\(prefix)_peers", dimensions: dimensions, factory: factory)
        }

        /// Counts what has come since `earlier`.
        func report(_ now: ZMQStatistics, since earlier: ZMQStatistics) {
            func add(_ counter: Counter?, _ field: KeyPath<ZMQStatistics, UInt64>) {
                let (new, old) = (now[keyPath: field], earlier[keyPath: field])
                // Messages received ahead are counted when they are handed over: it may look like fewer for a moment.
                guard let counter, new > old else { return }
                counter.increment(by: new - old)
            }
            add(messagesSent, \.messagesSent)
            add(bytesSent, \.bytesSent)
            add(messagesReceived, \.messagesReceived)
            add(bytesReceived, \.bytesReceived)
            add(sendsRefused, \.sendsRefused)
            add(timeouts, \.timeouts)
            add(connectAttempts, \.connectAttempts)
            add(reconnects, \.reconnects)
            add(linksLost, \.linksLost)
            add(peersRejected, \.peersRejected)
            add(eventsDropped, \.eventsDropped)
            add(queuesDropped, \.queuesDropped)
            peers?.record(now.peers)
        }
    }

    /// Brings a socket's statistics to its metrics, now and then.
    public final class ZMQMetricsReporter: Sendable {
        private let socket: ZMQSocket
        private let metrics: ZMQMetrics
        private let reported = Guarded(ZMQStatistics())

        /// One for each socket: it remembers what it has counted.
        public init(_ socket: some ZMQMessagingSocket, to metrics: ZMQMetrics) {
            self.socket = socket.socket
            self.metrics = metrics
        }

        /// Reports what has come since the last time.
        ///
        /// - Throws: `closed`.
        public func report() throws(ZMQSocketError) {
            let now = try socket.statistics()
            let earlier = reported.withLock { reported in
                defer { reported.advance(to: now) }
                return reported
            }
            metrics.report(now, since: earlier)
        }

        /// Reports again and again, until the socket is closed or the task cancelled.
        ///
        /// - Parameters:
        ///   - interval: the time between two reports, at least a millisecond.
        ///   - clock: measures it.
        public func run(every interval: Duration = .seconds(5), clock: some Clock<Duration> = .continuous) async {
            let pause = Duration.nanoseconds(max(nanosecondsPerMillisecond, interval.clampedNanoseconds))
            while (try? report()) != nil {
                do { try await clock.sleep(for: pause) } catch { return }
            }
        }
    }

    extension ZMQStatistics {
        /// Never back: two reports at once may come in any order.
        fileprivate mutating func advance(to now: ZMQStatistics) {
            var newest = now
            for field in Self.counted { newest[keyPath: field] = max(newest[keyPath: field], self[keyPath: field]) }
            self = newest
        }

        private static var counted: [WritableKeyPath<ZMQStatistics, UInt64>] {
            [
                \.messagesSent, \.bytesSent, \.messagesReceived, \.bytesReceived, \.sendsRefused, \.timeouts,
                \.connectAttempts, \.reconnects, \.linksLost, \.peersRejected, \.eventsDropped, \.queuesDropped,
            ]
        }
    }
#endif
