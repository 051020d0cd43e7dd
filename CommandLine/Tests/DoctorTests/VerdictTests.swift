// SPDX-License-Identifier: Apache-2.0

import Shell
import Testing

@testable import Doctor

@Suite("What findings come to")
struct VerdictTests {
    private static let process = ProcessName(number: 7, command: "render", user: "ann", isStopped: true)

    /// Every fault, with words that the sentence and the advice have to have.
    private static let faults: [(fault: Fault, said: String, advised: String)] = [
        (.nameUnknown(host: "h", words: "unknown"), "\"h\" could not be resolved: unknown", "getent hosts h"),
        (.nameServerSilent(host: "h"), "no name server", "resolv.conf"),
        (.noRoute(words: "no route"), "no way to the address: no route", "ip route"),
        (.refused(isLocal: true, elsewhere: []), "nothing listens there", "start the service"),
        (.refused(isLocal: true, elsewhere: ["::1"]), "but at the same port of ::1", "tcp://*:PORT"),
        (.refused(isLocal: false, elsewhere: []), "nothing listens there", "look there"),
        (.noAnswer, "no answer in time", "firewall"),
        (.connectFailed(words: "too many"), "does not connect: too many", "limits"),
        (.pathMissing, "the path does not exist", "start the service"),
        (.notASocket(kind: "a file"), "is a file and no socket", "path of the socket"),
        (.pathForbidden(words: "denied"), "may not use the path: denied", "owner"),
        (.nobodyAtPath(isAbstract: true), "nobody has that abstract name", "start the service"),
        (.nobodyAtPath(isAbstract: false), "left by a process that is gone", "start the service"),
        (.notAccepting, "accepts no connections", "restart"),
        (.silent(nil), "the peer says nothing", "frozen"),
        (.silent(process), "says nothing; render (process 7, user ann, stopped) does not run", "kill -CONT 7"),
        (
            .silent(ProcessName(number: 8, command: nil, user: "bob")), "says nothing",
            "what something (process 8, user bob)"
        ),
        (.silent(ProcessName(number: nil, command: nil, user: "bob")), "says nothing", "ss -ltnp"),
        (.stopsTalking(process), "says nothing more; render (process 7", "kill -CONT 7"),
        (.hangsUp, "closed the connection during the handshake", "proxy"),
        (.foreign("an HTTP server"), "an HTTP server answers there", "another service"),
        (.oldProtocol(2), "speaks ZMTP 2", "libzmq 4"),
        (.brokenProtocol("so"), "broke the ZMTP protocol: so", "between"),
        (.otherMechanism(theirs: "CURVE", ours: "NULL"), "mechanism: CURVE", "--server-key"),
        (.otherMechanism(theirs: "NULL", ours: "CURVE"), "NULL (no security), and CURVE was tried", "without keys"),
        (.otherMechanism(theirs: "PLAIN", ours: "NULL"), "mechanism: PLAIN", "--user NAME --password-file FILE"),
        (.otherMechanism(theirs: "GSSAPI", ours: "NULL"), "mechanism: GSSAPI", "exz has NULL, PLAIN and CURVE"),
        (.otherType(theirs: "XPUB", ours: "PULL"), "is an XPUB socket, a PULL socket", "use SUB or XSUB"),
        (.otherType(theirs: "RADIO", ours: "PULL"), "is a RADIO socket", "look up which"),
        (.otherType(theirs: "RADIO", ours: nil), "is a RADIO socket, which is none of the types", "look up which"),
        (.keyRefused(words: "refused so"), "refused so", "exz keys show"),
        (
            .handshakeBroken(tried: ["SUB", "PUB"]), "with SUB and PUB: its key or its type",
            "--as PAIR, REP, DEALER, ROUTER or PULL:"
        ),
        (.handshakeBroken(tried: ["SUB"]), "with SUB: its key", "exz keys show"),
        (.refusedByAuthenticator(status: "400"), "status 400", "allow"),
        (.nothingPublished(topic: "t"), "neither to \"t\"", "publisher"),
        (.nothingPublished(topic: ""), "neither to any topic", "publisher"),
        (.otherTopics(topic: "t", seen: ["a", "b"]), "but to \"a\", \"b\"", "byte by byte"),
        (.noHeartbeat(isExpected: true), "no heartbeat", "stopped since"),
        (.handed(as: "PULL"), "had a PULL socket of the doctor's as a peer", "may lose messages"),
        (.addressInUse(by: []), "the address is in use", "as root"),
        (.addressInUse(by: [process]), "in use by render (process 7", "end that process"),
        (.addressElsewhere(host: "h"), "h is no address of this machine", "tcp://*:PORT"),
        (.portForbidden(port: 80), "port 80 needs a privilege", "1023"),
        (.directoryMissing("/d"), "/d does not exist", "mkdir -p /d"),
        (.directoryForbidden("/d", words: "denied"), "/d: denied", "RuntimeDirectory"),
        (.fileInTheWay(kind: "a file"), "is a file, which is left alone", "another path"),
        (.libraryMissing(name: "l"), "does not find l", "ldconfig"),
        (.librariesMissing(of: "l", ["libzmq.so.5"]), "what that needs: libzmq.so.5", "libzmq5"),
    ]

    @Test func everyFault() {
        for (fault, said, advised) in Self.faults {
            let verdict = Verdict(of: "e", for: .connect, from: [Finding(.name, .ok, "so"), .failed(.connect, fault)])
            #expect(verdict.sentence.hasPrefix("e does not work: "))
            #expect(verdict.sentence.contains(said))
            #expect(verdict.advice?.contains(advised) == true)
            #expect(verdict.fault == fault.name)
            #expect(verdict.status == (fault.isOnlyTime ? .timedOut : .failed))
        }
    }

    @Test("times that were up are known for nothing else")
    func onlyTime() {
        let names = Self.faults.filter { $0.fault.isOnlyTime }.map(\.fault.name)
        #expect(names == ["name-server-silent", "no-answer"])
    }

    @Test("one word for each kind of fault")
    func names() {
        let pairs = Self.faults.map { ($0.fault.name, "\($0.fault)".prefix { $0 != "(" }) }
        for (name, kind) in pairs { #expect(pairs.allSatisfy { ($0.0 == name) == ($0.1 == kind) }) }
    }

    @Test func allIsWell() {
        let type = Finding(.type, .ok, "a PULL socket, PUSH can talk to it")
        let verdict = Verdict(of: "e", for: .connect, from: [Finding(.name, .ok, "so"), type])
        #expect(verdict.sentence == "e works: a PULL socket, PUSH can talk to it")
        #expect(verdict.status == .done)
        #expect(verdict.advice == nil)
        #expect(Verdict(of: "e", for: .bind, from: []).sentence == "e can be bound")
        #expect(Verdict(of: "l", for: .library, from: []).sentence == "l is found")
    }

    @Test("a warning is not a failure, and a failure is told before it")
    func warnings() {
        let fault = Fault.notRead(bytes: 9, connections: 2)
        let warning = Finding(.queues, .warning, fault.seen, fault: fault)
        let verdict = Verdict(of: "e", for: .connect, from: [warning])
        #expect(verdict.status == .done)
        #expect(verdict.sentence == "e works; but 9 bytes on 2 connections wait to be read by the process")
        #expect(verdict.advice?.contains("keep up") == true)
        let failed = Verdict(of: "e", for: .bind, from: [warning, .failed(.type, .hangsUp)])
        #expect(failed.sentence == "e can not be bound: the peer closed the connection during the handshake")
    }

    @Test func forPrograms() {
        let finding = Finding(.name, .ok, "so", time: .microseconds(1_500), details: [("addresses", .array([]))])
        let diagnosis = Diagnosis(
            of: "e",
            for: .connect,
            [finding, .failed(.connect, .noAnswer)],
            time: .seconds(2),
            end: 86_399
        )
        #expect(
            diagnosis.json.written
                == #"{"endpoint":"e","status":"unknown","fault":"no-answer","verdict":"\#(diagnosis.verdict.sentence)","#
                + #""advice":"\#(diagnosis.verdict.advice ?? "")","milliseconds":2000.0,"at":"1970-01-01T23:59:59Z","findings":["#
                + #"{"step":"name","outcome":"ok","seen":"so","milliseconds":1.5,"addresses":[]},"#
                + #"{"step":"connect","outcome":"failed","seen":"\#(Fault.noAnswer.seen)","fault":"no-answer"}]}"#
        )
    }

    @Test("times are no difference")
    func differences() {
        func diagnosis(_ seen: String, _ milliseconds: Int) -> Diagnosis {
            let time = Duration.milliseconds(milliseconds)
            return Diagnosis(
                of: "e",
                for: .connect,
                [Finding(.name, .ok, seen, time: time)],
                time: time,
                end: milliseconds
            )
        }
        #expect(diagnosis("a", 1).saysTheSame(as: diagnosis("a", 2)))
        #expect(!diagnosis("a", 1).saysTheSame(as: diagnosis("b", 1)))
    }

    @Test("which types go together is the same from both sides")
    func types() {
        #expect(SocketTypes.all.count == 11)
        for type in SocketTypes.all {
            for other in SocketTypes.fitting(type) { #expect(SocketTypes.fitting(other).contains(type)) }
            if let visitor = SocketTypes.visitor(of: type) { #expect(SocketTypes.fitting(type).contains(visitor)) }
        }
        // Each peer that no visitor of its own is found for can be tried with --as.
        for type in SocketTypes.all where SocketTypes.visitor(of: type) == nil {
            #expect(SocketTypes.fitting(type).contains { SocketTypes.handed.contains($0) })
        }
        #expect(SocketTypes.handed.allSatisfy { !SocketTypes.visitors.contains($0) })
        #expect(SocketTypes.inWords(["A", "B", "C"], "and") == "A, B and C")
        #expect(SocketTypes.inWords([], "and").isEmpty)
    }
}
