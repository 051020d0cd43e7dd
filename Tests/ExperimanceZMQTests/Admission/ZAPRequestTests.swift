// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("libzmq's questions, and the answers", .watchdog)
struct ZAPRequestTests {
    private static let whole: [[UInt8]] = [
        Array("1.0".utf8), [1], Array("domain".utf8), Array("127.0.0.1".utf8), [], Array("CURVE".utf8),
        [UInt8](1...32),
    ]

    /// As it comes from libzmq.
    private func question(_ frames: [[UInt8]]) -> ZAPQuestion {
        var question = ZAPQuestion()
        for bytes in frames {
            guard var frame = Frame(byteCount: bytes.count) else { continue }
            frame.mutableBytes.copyBytes(from: bytes)
            question.add(&frame)
        }
        return question
    }

    private func number(_ reading: ZAPRequest.Reading) -> [UInt8]? {
        switch reading {
        case .request(let request): request.number
        case .unreadable(let number): number
        case .nothing: nil
        }
    }

    @Test("A question of each mechanism is read")
    func mechanisms() throws {
        guard case .request(let curve) = ZAPRequest.read(ZAPQuestion(Self.whole)),
            case .key(let key) = curve.credentials
        else {
            Issue.record("not read")
            return
        }
        #expect(key.bytes == [UInt8](1...32))
        #expect(curve.domain == Array("domain".utf8))
        #expect(curve.origin == PeerOrigin("127.0.0.1"))
        let plain = question(Array(Self.whole[..<5]) + [Array("PLAIN".utf8), [97], [98, 99]])
        guard case .request(let request) = ZAPRequest.read(plain),
            case .password(let name, let password) = request.credentials
        else {
            Issue.record("not read")
            return
        }
        #expect(name == [97] && password.withBytes { $0.elementsEqual([98, 99]) })
        guard case .request(let null) = ZAPRequest.read(question(Array(Self.whole[..<5]) + [Array("NULL".utf8)])),
            case .none = null.credentials
        else {
            Issue.record("not read")
            return
        }
    }

    @Test("A password is in no array, and wiped where it came from, whatever its length", arguments: [0, 1, 20, 255])
    func password(length: Int) {
        let secret = [UInt8](repeating: 0xA5, count: length)
        var question = ZAPQuestion(Array(Self.whole[..<5]) + [Array("PLAIN".utf8), [97]])
        guard var frame = Frame(byteCount: length) else {
            Issue.record("no memory")
            return
        }
        frame.mutableBytes.copyBytes(from: secret)
        question.add(&frame)
        #expect(frame.bytes == [UInt8](repeating: 0, count: length))
        #expect(question.frames.count == 8 && question.frames[7] == [])
        #expect(question.password?.withBytes { $0.elementsEqual(secret) } == true)
    }

    @Test("Whatever is cut off or wrong is no question, and what has a number gets an answer")
    func anything() {
        for count in 0..<Self.whole.count {
            let reading = ZAPRequest.read(ZAPQuestion(Array(Self.whole[..<count])))
            if case .request = reading { Issue.record("\(count) frames are read") }
            #expect((number(reading) != nil) == (count >= 2))
        }
        var generator = SplitMix64(seed: 7)
        for _ in 0..<20_000 {
            var frames = Self.whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<frames.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: frames[index] = []
                case 1: frames[index] += [UInt8](repeating: 255, count: 300)
                case 2: if !frames[index].isEmpty { frames[index][0] ^= UInt8.random(in: 1...255, using: &generator) }
                default: frames.append(frames[index])
                }
            }
            _ = ZAPRequest.read(question(frames))
        }
    }

    @Test("An answer is in the form of RFC 27")
    func answers() throws {
        let key = try ZMQCurvePublicKey(bytes: [UInt8](1...32))
        let yes = ZAPReply.admitted([1, 2], AdmittedPeer(userID: "anna", publicKey: key)).frames
        #expect(yes.count == 6)
        #expect(yes[0] == Array("1.0".utf8) && yes[1] == [1, 2] && yes[2] == Array("200".utf8))
        #expect(yes[4] == Array("anna".utf8))
        #expect(yes[5].starts(with: [10] + Array("Public-Key".utf8) + [0, 0, 0, 40] + Array(key.text.utf8)))
        let no = ZAPReply.refused([1], .key).frames
        #expect(no[2] == Array("400".utf8) && no[4].isEmpty && no[5].isEmpty)
        // A peer without a key can not say that it has one.
        let nobody = ZAPReply.admitted([1], AdmittedPeer(userID: "")).frames
        #expect(nobody[4].isEmpty && nobody[5].starts(with: [10] + Array("Public-Key".utf8) + [0, 0, 0, 0]))
        #expect(nobody[5].count > 15 && yes[5].suffix(20) == nobody[5].suffix(20), "what only this process knows")
    }
}
