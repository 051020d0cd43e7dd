// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// A program of yours, and its tests: `swift test --package-path Examples/testing/swift`.

import PackageDescription

let package = Package(
    name: "forecast",
    dependencies: [.package(name: "experimance-zmq", path: "../../..")],
    targets: [
        .target(
            name: "Forecast",
            dependencies: [.product(name: "ExperimanceZMQ", package: "experimance-zmq")]
        ),
        .testTarget(
            name: "ForecastTests",
            dependencies: ["Forecast", .product(name: "ExperimanceZMQTesting", package: "experimance-zmq")]
        ),
    ],
    swiftLanguageModes: [.v6]
)
