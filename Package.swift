// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackageDescription

// Where compilers look by themselves nobody has to be asked, least of all pkg-config: its answer for libzmq has flags of
// what libzmq itself needs, and SwiftPM warns of each.
let findsZeroMQ = ["/usr/include/zmq.h", "/usr/local/include/zmq.h"].contains(where: FileManager.default.fileExists)
let isOnPath = Context.environment["PKG_CONFIG_PATH"] == nil && findsZeroMQ

// A source archive has in Vendor what the library is made of, so that it builds without git and network.
let vendor = Context.packageDirectory + "/Vendor/"
let isArchive = FileManager.default.fileExists(atPath: vendor)

/// A package that is in the library: from Vendor, where that is there.
func inside(url: String, from version: Version) -> Package.Dependency {
    let folder = vendor + (url.split(separator: "/").last ?? "")
    return isArchive ? .package(path: folder) : .package(url: url, from: version)
}

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // For spans that depend on what they are of.
    .enableExperimentalFeature("Lifetimes"),
]
// For all of Sources: each use of memory that the compiler can not check is marked there.
// In debug builds: what is unsafe there is in others, too, where some checks of exclusive access are left out as well.
let strictest: [SwiftSetting] = strict + [.strictMemorySafety(.when(configuration: .debug))]

// Makes the documentation: `swift package generate-documentation`. No target uses it, so no user gets it.
let ofDocumentation = Package.Dependency.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0")

// What belongs to traits is fetched where one is on, and is never in the library for C and Python.
let ofTraits: [Package.Dependency] = [
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
]

/// A product for who has the trait of that name on.
func product(_ name: String, of package: String, for trait: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: [trait]))
}

let package = Package(
    name: "experimance-zmq",
    products: [
        .library(name: "ExperimanceZMQ", targets: ["ExperimanceZMQ"]),
        .library(name: "ExperimanceZMQTesting", targets: ["ExperimanceZMQTesting"]),
        .library(name: "experimance_zmq", type: .dynamic, targets: ["ExperimanceZMQABI"]),
    ],
    traits: [
        .trait(name: "ServiceLifecycle", description: "A socket as a service that drains on a graceful shutdown."),
        .trait(name: "Metrics", description: "Statistics of sockets as counters and gauges of swift-metrics."),
        .trait(name: "Tracing", description: "The context of a trace sent with a message."),
        .trait(name: "Configuration", description: "Options and retry policies read with swift-configuration."),
        .default(enabledTraits: []),
    ],
    dependencies: [
        inside(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        inside(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
    ] + (isArchive ? [] : [ofDocumentation]) + ofTraits,
    targets: [
        .target(name: "CLinux", publicHeadersPath: "."),
        .target(name: "LibC", swiftSettings: strictest),
        .systemLibrary(
            name: "CZeroMQ",
            pkgConfig: isOnPath ? nil : "libzmq",
            providers: [.apt(["libzmq3-dev"])]
        ),
        .systemLibrary(name: "CExperimanceZMQ", path: "include"),
        .target(
            name: "ExperimanceZMQ",
            dependencies: [
                "CLinux",
                "CZeroMQ",
                "LibC",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                product("ServiceLifecycle", of: "swift-service-lifecycle", for: "ServiceLifecycle"),
                product("CoreMetrics", of: "swift-metrics", for: "Metrics"),
                product("Tracing", of: "swift-distributed-tracing", for: "Tracing"),
                product("Configuration", of: "swift-configuration", for: "Configuration"),
            ],
            swiftSettings: strictest
        ),
        .target(
            name: "ExperimanceZMQFaults",
            dependencies: [
                "CLinux",
                "ExperimanceZMQ",
                "LibC",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strictest
        ),
        .target(
            name: "ExperimanceZMQABI",
            dependencies: [
                "ExperimanceZMQ",
                "ExperimanceZMQFaults",
                "CExperimanceZMQ",
                "LibC",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["exports.map"],
            swiftSettings: strictest
        ),
        .target(
            name: "ExperimanceZMQTesting",
            dependencies: ["ExperimanceZMQ", "ExperimanceZMQFaults", "LibC"],
            swiftSettings: strictest
        ),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .executableTarget(
            name: "misbehaving-peer",
            dependencies: ["ExperimanceZMQTesting"],
            path: "Tests/misbehaving-peer",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "matrix-door",
            dependencies: ["ExperimanceZMQ"],
            path: "Tests/matrix/swift-door",
            swiftSettings: strict
        ),
        .target(name: "LedgerRecords", path: "Tests/ledger/records", publicHeadersPath: "."),
        .executableTarget(
            name: "ledger-worker",
            dependencies: ["ExperimanceZMQ", "LedgerRecords"],
            path: "Tests/ledger/swift-worker",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "idle-subscribers",
            dependencies: ["ExperimanceZMQ"],
            path: "Tests/idle-subscribers",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "swift-subscriber",
            dependencies: ["ExperimanceZMQ"],
            path: "Examples/swift-subscriber",
            swiftSettings: strict
        ),
        .testTarget(
            name: "ExperimanceZMQTests",
            dependencies: [
                "ExperimanceZMQ",
                "ExperimanceZMQFaults",
                "ExperimanceZMQTesting",
                "TestSupport",
                "idle-subscribers",
                .product(name: "Logging", package: "swift-log"),
                product("ServiceLifecycleTestKit", of: "swift-service-lifecycle", for: "ServiceLifecycle"),
                product("MetricsTestKit", of: "swift-metrics", for: "Metrics"),
                product("Configuration", of: "swift-configuration", for: "Configuration"),
                product("InMemoryTracing", of: "swift-distributed-tracing", for: "Tracing"),
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
