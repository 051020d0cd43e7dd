// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A package of its own, as a user's is: what is measured is what a user's release build has.
let package = Package(
    name: "bench-swift",
    dependencies: [.package(name: "experimance-zmq", path: "../..")],
    targets: [
        .target(
            name: "OtherSide",
            cSettings: [.define("PLAIN"), .define("_GNU_SOURCE")],
            linkerSettings: [.linkedLibrary("zmq")]
        ),
        .executableTarget(
            name: "bench-swift",
            dependencies: [.product(name: "ExperimanceZMQ", package: "experimance-zmq"), "OtherSide"]
        ),
    ],
    swiftLanguageModes: [.v6]
)
