// SPDX-License-Identifier: Apache-2.0
// client ENDPOINT QUESTION: asks a server, which may be late, or die and come back, and prints its answer.

import ExperimanceZMQ

let arguments = CommandLine.arguments.dropFirst()
let (endpoint, question) = (arguments.first ?? "", arguments.last ?? "")
do {
    try await ZMQRequester.with { requester in
        try await requester.connect(endpoint, timeout: .seconds(5))
        // It may be asked again when the answer does not come: a question does no harm.
        let answer = try await requester.request(question.utf8, timeout: .seconds(2), isIdempotent: true)
        print(answer.text)
    }
} catch let error as ZMQSocketError where error.code == .refused {
    print("not there: \(error.message)")
}
