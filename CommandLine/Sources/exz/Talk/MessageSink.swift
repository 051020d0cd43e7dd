// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Framing
import Shell

/// Standard output, for messages.
struct MessageSink: Sendable {
    private let output: Output
    private let writer: MessageWriter

    /// - Throws: `failed` where the shell has closed it.
    init(_ forms: FormOptions, hasTopics: Bool = false) throws {
        output = try Output()
        writer = MessageWriter(forms.ofOutput, parts: forms.parts, hasTopics: hasTopics)
        Endings.watchOutput()
    }

    /// Writes the messages, and has written them when it comes back.
    ///
    /// - Parameter isLast: whether nothing follows.
    /// - Throws: `failed`. What came before the message that can not be written is written then.
    func write(_ messages: some Sequence<ZMQMessage>, isLast: Bool = false) throws {
        var bytes: [UInt8] = []
        do throws(FormError) {
            for message in messages { try writer.write(message.parts, to: &bytes) }
        } catch {
            try output.write(bytes)
            throw Failure(.failed, error.message)
        }
        if isLast { Endings.ceaseToWatchOutput() }
        try output.write(bytes)
    }
}
