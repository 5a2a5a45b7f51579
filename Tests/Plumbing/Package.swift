// swift-tools-version: 6.2
import PackageDescription

// The tests of the plumbing alone, the same files as the package's own, so that deploy/sanitize need not build all services
// for each sanitizer.
let plumbing = Target.Dependency.product(name: "Plumbing", package: "tollbook")
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "plumbing",
    dependencies: [
        .package(name: "tollbook", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .testTarget(name: "WireTests", dependencies: [plumbing], path: "WireTests", swiftSettings: strict),
        .testTarget(name: "ZeroMQTests", dependencies: [plumbing], path: "ZeroMQTests", swiftSettings: strict),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                plumbing, .product(name: "TestSupport", package: "tollbook"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "PipelineTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
