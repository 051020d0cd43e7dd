// SPDX-License-Identifier: Apache-2.0
// keys-receiver FOLDER: receives one message from somebody whose key is in FOLDER/allowed.

import ExperimanceZMQ
import Glibc

let folder = CommandLine.arguments.last ?? "."
let authenticator = try ZMQAuthenticator()
try authenticator.allowKeys(at: "\(folder)/allowed", endsLinks: true)

var options = ZMQSocketOptions()
options.security = .curveServer(try ZMQCurveKeyPair(contentsOf: "\(folder)/receiver.key_secret"))
options.keepsSenders = true
try await ZMQPuller.with(options: options) { puller in
    print(try await puller.bind("tcp://127.0.0.1:*"))
    fflush(nil)
    let message = try await puller.receive(timeout: .seconds(30))
    print("from", message.sender?.userID ?? "nobody")
}
