// SPDX-License-Identifier: Apache-2.0
//
// misbehaving-peer MANNER [PORT]: a bad server for tests in other languages. Prints its endpoint on one line, then
// misbehaves until its standard input ends.

import ExperimanceZMQTesting
import Foundation

let manners = MisbehavingPeer.Manner.allCases.map(\.rawValue).joined(separator: " ")
guard CommandLine.arguments.count > 1,
    let manner = MisbehavingPeer.Manner(rawValue: CommandLine.arguments[1])
else {
    FileHandle.standardError.write(Data("usage: misbehaving-peer MANNER [PORT]\nMANNER is one of: \(manners)\n".utf8))
    exit(2)
}
let port = CommandLine.arguments.count > 2 ? UInt16(CommandLine.arguments[2]) ?? 0 : 0
let peer = try MisbehavingPeer(manner, port: port)
FileHandle.standardOutput.write(Data("\(peer.endpoint)\n".utf8))
while let data = try FileHandle.standardInput.read(upToCount: 4096), !data.isEmpty {}
peer.stop()
