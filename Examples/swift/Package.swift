// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// A service, a worker, a client, and two services with keys: `swift run --package-path Examples/swift service` and so
// on.

import PackageDescription

let zmq: Target.Dependency = .product(name: "ExperimanceZMQ", package: "experimance-zmq")

let package = Package(
    name: "examples",
    dependencies: [
        .package(name: "experimance-zmq", path: "../..", traits: ["ServiceLifecycle"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "service",
            dependencies: [
                zmq,
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "service"
        ),
        .executableTarget(name: "worker", dependencies: [zmq], path: "worker"),
        .executableTarget(name: "client", dependencies: [zmq], path: "client"),
        .executableTarget(name: "keys-receiver", dependencies: [zmq], path: "keys-receiver"),
        .executableTarget(name: "keys-sender", dependencies: [zmq], path: "keys-sender"),
    ],
    swiftLanguageModes: [.v6]
)
