// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackageDescription

// In a source archive it is in Vendor: there nothing is fetched.
let vendored = Context.packageDirectory + "/../Vendor/swift-argument-parser"
let argumentParser: Package.Dependency =
    FileManager.default.fileExists(atPath: vendored)
    ? .package(path: vendored)
    : .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(.when(configuration: .debug)),
]

// A package of its own: who uses the library in Swift does not fetch what parses the arguments.
let package = Package(
    name: "exz",
    products: [.executable(name: "exz", targets: ["exz"])],
    dependencies: [
        .package(name: "experimance-zmq", path: ".."),
        argumentParser,
    ],
    targets: [
        .target(name: "Shell", swiftSettings: strict),
        .target(name: "Framing", dependencies: ["Shell"], swiftSettings: strict),
        .target(
            name: "Doctor",
            dependencies: ["Shell", .product(name: "ExperimanceZMQ", package: "experimance-zmq")],
            swiftSettings: strict
        ),
        .target(name: "Measuring", dependencies: ["Shell"], swiftSettings: strict),
        .target(name: "Watching", dependencies: ["Framing", "Shell"], swiftSettings: strict),
        .executableTarget(
            name: "exz",
            dependencies: [
                "Doctor",
                "Framing",
                "Measuring",
                "Shell",
                "Watching",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ExperimanceZMQ", package: "experimance-zmq"),
                .product(name: "ExperimanceZMQTesting", package: "experimance-zmq"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "ShellTests", dependencies: ["Shell"], swiftSettings: strict),
        .testTarget(name: "FramingTests", dependencies: ["Framing"], swiftSettings: strict),
        .testTarget(name: "DoctorTests", dependencies: ["Doctor", "Shell"], swiftSettings: strict),
        .testTarget(name: "MeasuringTests", dependencies: ["Measuring", "Shell"], swiftSettings: strict),
        .testTarget(name: "WatchingTests", dependencies: ["Watching", "Shell"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
