// SPDX-License-Identifier: Apache-2.0

/// What was found at an endpoint where a program is said to serve its statistics.
package struct Sighting: Equatable, Sendable {
    /// What somebody who looked has to say.
    package enum Finding: Equatable, Sendable {
        case statistics(ProgramStatistics)
        /// The program has ended without closing its context: nobody is behind the file.
        case ended
        /// It is there and says nothing.
        case silent
        /// It says nothing to this user, or has too many who ask at the moment.
        case turnedAway
        /// What it is instead.
        case failed(String)
    }

    /// Where.
    package var endpoint: String
    package var finding: Finding
    /// What the program has said, as JSON in one line written anew; nil where nobody wants it.
    package var document: String?
    /// Seconds of some clock that does not jump.
    package var time: Double

    package init(endpoint: String, finding: Finding, document: String? = nil, time: Double) {
        (self.endpoint, self.finding, self.document, self.time) = (endpoint, finding, document, time)
    }

    package var statistics: ProgramStatistics? {
        if case .statistics(let statistics) = finding { statistics } else { nil }
    }

    /// In a few words, why there are no statistics.
    package var trouble: String? {
        switch finding {
        case .statistics: nil
        case .ended: "ended without closing its context"
        case .silent: "does not answer: stopped, or too busy"
        case .turnedAway: "turns this user away, or answers others"
        case .failed(let reason): reason
        }
    }
}
