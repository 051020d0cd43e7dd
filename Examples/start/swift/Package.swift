// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
//     swift run start pull ipc:///tmp/jobs 2 & swift run start push ipc:///tmp/jobs one two

import PackageDescription

let package = Package(
    name: "start",
    dependencies: [
        // Outside of this checkout, the address of a repository and a version of it: .package(url: …, from: "0.1.0")
        .package(name: "experimance-zmq", path: "../../..")
    ],
    targets: [
        .executableTarget(name: "start", dependencies: [.product(name: "ExperimanceZMQ", package: "experimance-zmq")])
    ],
    swiftLanguageModes: [.v6]
)
