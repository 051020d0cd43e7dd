// SPDX-License-Identifier: Apache-2.0

/// Where a context's statistics are to be read, as it was asked for.
enum StatisticsPlace: Equatable {
    /// A file with a name of its own in the runtime directory.
    case ofOwnChoice
    /// A path, or an abstract name that starts with `@`.
    case path(String)

    /// The variable with which an operator asks for it, in every context of a program that does not.
    static let variable = "EXZ_STATS"

    /// - Throws: `invalid` for what is no endpoint of ipc.
    init(_ endpoint: String) throws(ZMQSocketError) {
        let place = try Endpoint(endpoint, for: .bind)
        guard case .ipc(let path) = place.target else {
            throw ZMQSocketError(
                .invalid,
                endpoint: endpoint,
                message: "statistics are served over ipc, not at \"\(endpoint)\"; write ipc://PATH, or ipc://* for a "
                    + "path in the runtime directory"
            )
        }
        self = path.string == "*" ? .ofOwnChoice : .path(path.string)
    }

    /// - Parameter value: what the variable is set to.
    /// - Returns: nil where nobody asks for anything.
    /// - Throws: `invalid` for another value than 0, 1 and nothing.
    static func asked(by value: String?) throws(ZMQSocketError) -> StatisticsPlace? {
        switch value {
        case nil, "", "0": return nil
        case "1": return .ofOwnChoice
        default:
            throw ZMQSocketError(
                .invalid,
                message: "\(variable) is \"\(String(printable: (value ?? "").utf8.prefix(80)))\", it must be 0 or 1"
            )
        }
    }
}
