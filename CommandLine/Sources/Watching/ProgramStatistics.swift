// SPDX-License-Identifier: Apache-2.0

import Framing
import Shell

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

    /// Reads a document.
    ///
    /// - Throws: what is wrong with it, in a few words.
    package init(_ document: [UInt8]) throws(Failure.Unreadable) {
        let json: JSONText
        do throws(FormError) {
            json = try JSONReader.read(document[...])
        } catch {
            throw Failure.Unreadable(reason: error.message)
        }
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
        uptime = json["context"]?["uptime_s"]?.double ?? 0
        sockets = json["sockets"]?.elements.map { Socket($0) } ?? []
        leftOut = json["sockets_left_out"]?.integer ?? 0
    }
}

extension ProgramStatistics.Failure {
    /// What makes a document useless.
    package struct Unreadable: Error, Equatable {
        package let reason: String
    }

    fileprivate init?(_ json: JSONText?) {
        guard let json, let name = json["name"]?.text else { return nil }
        (self.name, text, age) = (name, json["text"]?.text ?? "", json["age_s"]?.double ?? 0)
    }
}

extension ProgramStatistics.Socket {
    fileprivate init(_ json: JSONText) {
        handle = json["handle"]?.text ?? ""
        number = json["number"]?.integer ?? 0
        type = json["type"]?.text ?? ""
        state = json["state"]?.text ?? ""
        security = json["security"]?.text ?? ""
        age = json["age_s"]?.double ?? 0
        bound = json["bound"]?.elements.compactMap(\.text) ?? []
        links =
            json["links"]?.elements.map { link in
                ProgramStatistics.Link(
                    endpoint: link["endpoint"]?.text ?? "",
                    state: link["state"]?.text ?? "",
                    failure: ProgramStatistics.Failure(link["last_failure"])
                )
            } ?? []
        failure = ProgramStatistics.Failure(json["last_error"])
        for (name, value) in json["counters"]?.members ?? [] { values[name] = value.double }
        values["peers"] = json["peers"]?.double
        for group in ["held", "waiting"] {
            for (name, value) in json[group]?.members ?? [] { values["\(group)_\(name)"] = value.double }
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

    fileprivate var double: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }
}
