// SPDX-License-Identifier: Apache-2.0
// keys-sender FOLDER NAME ENDPOINT: sends a message as who has the key FOLDER/NAME.key_secret.

import ExperimanceZMQ

let (folder, name, endpoint) = (CommandLine.arguments[1], CommandLine.arguments[2], CommandLine.arguments[3])
var options = ZMQSocketOptions()
options.security = .curveClient(
    try ZMQCurveKeyPair(contentsOf: "\(folder)/\(name).key_secret"),
    serverKey: try ZMQCurvePublicKey(contentsOf: "\(folder)/receiver.key")
)
do {
    try await ZMQPusher.with(options: options) { pusher in
        try await pusher.connect(endpoint, timeout: .seconds(10))
        try await pusher.send("hello".utf8)
    }
} catch let error as ZMQSocketError where error.code == .security {
    print("EXZ_ERR_SECURITY: \(error.message)")
}
