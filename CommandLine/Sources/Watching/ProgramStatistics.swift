// SPDX-License-Identifier: Apache-2.0

import Framing
package import Shell

/// The statistics of one context of a program, as it serves them.
package struct ProgramStatistics: Equatable, Sendable {
    /// A link or call that failed.
    package struct Failure: Equatable, Sendable {
        package var name: String
        package var text: String
        /// In seconds; 0 where it is not said.
        package var age = 0.0
    }

    /// An endpoint that a socket connects to.
    package struct Link: Equatable, Sendable {
        package var endpoint: String
        package var state: String
        package var failure: Failure?
    }

    /// A socket.
    package struct Socket: Equatable, Sendable {
        package var handle = ""
        package var number = 0
        package var type = ""
        package var state = ""
        package var security = ""
        package var age = 0.0
        package var bound: [String] = []
        package var links: [Link] = []
        /// The counters and gauges by their names in C.
        package var values: [String: Double] = [:]
        package var failure: Failure?

        package init() {}

        /// As a log has it, such as "PUSH#3".
        package var name: String { "\(type)#\(number)" }
    }

    package var library = ""
    package var process = 0
    package var program = ""
    package var context = 0
    package var contextName = ""
    package var uptime = 0.0
    package var sockets: [Socket] = []
    /// Sockets that are open and not in the document.
    package var leftOut = 0

    package init() {}

    /// The form of the document that this understands.
    private static let version = 1
    /// More are not believed: the number is to be added to others.
    private static let mostLeftOut = 1_000_000
    /// Sockets that are kept of a document, at most: a program's own has far fewer, and those of others may be empty.
    package static let mostSockets = 10_000

    /// What a document is as JSON.
    ///
    /// - Throws: what is wrong with it, in a few words.
    package static func json(of document: [UInt8]) throws(Failure.Unreadable) -> JSONText {
        do throws(FormError) {
            return try JSONReader.read(document[...])
        } catch {
            throw Failure.Unreadable(reason: error.message)
        }
    }

    /// Understands a document.
    ///
    /// - Parameter most: the sockets that are kept; more are left out.
    /// - Throws: what is wrong with it, in a few words.
    package init(_ json: JSONText, atMost most: Int = mostSockets) throws(Failure.Unreadable) {
        guard json["version"]?.integer == Self.version else {
            throw Failure.Unreadable(
                reason: json["version"] == nil ? "it has no version" : "it is of another version of the library"
            )
        }
        library = json["library"]?.text ?? ""
        process = json["pid"]?.integer ?? 0
        program = json["program"]?.text ?? ""
        context = json["context"]?["number"]?.integer ?? 0
        contextName = json["context"]?["name"]?.text ?? ""
        uptime = json["context"]?["uptime_s"]?.amount ?? 0
        let told = json["sockets"]?.elements ?? []
        sockets = told.prefix(max(0, most)).map { Socket($0) }
        // Neither is large enough for the sum to be too large.
        leftOut = min(max(0, json["sockets_left_out"]?.integer ?? 0), Self.mostLeftOut) + told.count - sockets.count
        leftOut = min(leftOut, Self.mostLeftOut)
    }
}

extension ProgramStatistics.Failure {
    /// What makes a document useless.
    package struct Unreadable: Error, Equatable {
        package let reason: String
    }

    fileprivate init?(_ json: JSONText?) {
        guard let json, let name = json["name"]?.text else { return nil }
        (self.name, text, age) = (name, json["text"]?.text ?? "", json["age_s"]?.amount ?? 0)
    }
}

extension ProgramStatistics.Socket {
    /// As a document has of each kind, at most.
    private static let mostEndpoints = 64

    fileprivate init(_ json: JSONText) {
        handle = json["handle"]?.text ?? ""
        number = json["number"]?.integer ?? 0
        type = json["type"]?.text ?? ""
        state = json["state"]?.text ?? ""
        security = json["security"]?.text ?? ""
        age = json["age_s"]?.amount ?? 0
        bound = json["bound"]?.elements.prefix(Self.mostEndpoints).compactMap(\.text) ?? []
        links =
            json["links"]?.elements.prefix(Self.mostEndpoints).map { link in
                ProgramStatistics.Link(
                    endpoint: link["endpoint"]?.text ?? "",
                    state: link["state"]?.text ?? "",
                    failure: ProgramStatistics.Failure(link["last_failure"])
                )
            } ?? []
        failure = ProgramStatistics.Failure(json["last_error"])
        for (name, value) in json["counters"]?.members ?? [] where Metric.fields.contains(name) {
            values[name] = value.amount
        }
        values["peers"] = json["peers"]?.amount
        for group in ["held", "waiting"] {
            for (name, value) in json[group]?.members ?? [] where Metric.fields.contains("\(group)_\(name)") {
                values["\(group)_\(name)"] = value.amount
            }
        }
        values["age"] = age
    }
}

extension JSONText {
    /// The member of that name, of an object.
    fileprivate subscript(name: String) -> JSONText? { members.first { $0.name == name }?.value }

    fileprivate var members: [(name: String, value: JSONText)] {
        if case .object(let members) = self { members } else { [] }
    }

    fileprivate var elements: [JSONText] {
        if case .array(let elements) = self { elements } else { [] }
    }

    fileprivate var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    fileprivate var integer: Int? {
        if case .integer(let integer) = self { Int(exactly: integer) } else { nil }
    }

    /// A count or a time, which has no sign; more than any program counts to is not believed.
    fileprivate var amount: Double? {
        let number: Double
        switch self {
        case .integer(let integer): number = Double(integer)
        case .number(let value): number = value
        default: return nil
        }
        return number >= 0 ? min(number, 1e19) : nil
    }
}
