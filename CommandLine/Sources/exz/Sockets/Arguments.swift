// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import ExperimanceZMQ
public import Framing
import Shell

/// A time as an argument: `250ms`, `2s`, `1.5`, `3m`.
struct TimeArgument: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    /// As it would be written, for what is taken where nothing is given.
    var defaultValueDescription: String { TimeText.write(duration).filter { $0 != " " } }

    init?(argument: String) {
        guard let duration = TimeText.parse(argument) else { return nil }
        self.duration = duration
    }
}

extension Form: ExpressibleByArgument {}

/// How a delay is spread: the name of one of the library's, `proportional` with its ratio behind a colon.
struct JitterArgument: ExpressibleByArgument {
    let jitter: ZMQJitter

    init?(argument: String) {
        let words = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (words.first, words.count) {
        case ("none", 1): jitter = .none
        case ("full", 1): jitter = .full
        case ("equal", 1): jitter = .equal
        case ("decorrelated", 1): jitter = .decorrelated
        case ("proportional", 2):
            guard let ratio = Double(words[1]), (0...1).contains(ratio) else { return nil }
            jitter = .proportional(ratio: ratio)
        default: return nil
        }
    }

    static let allValueStrings = ["none", "full", "equal", "decorrelated", "proportional:RATIO"]
}

/// An option of libzmq by its number in `<zmq.h>`: `57=8`.
struct NumberedOption: ExpressibleByArgument {
    let number: Int32
    let value: Int

    init?(argument: String) {
        let words = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, let number = Int32(words[0]), let value = Int(words[1]) else { return nil }
        (self.number, self.value) = (number, value)
    }
}
