// swift-tools-version: 6.2
import PackageDescription

/// The strictness of the package itself.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]
let support = Target.Dependency.product(name: "TestSupport", package: "tollbook")

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "tollbook", path: "../.."),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .executableTarget(
            name: "Benchmark", dependencies: [support, .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .executableTarget(
            name: "Campaign",
            dependencies: [
                .product(name: "Campaigns", package: "tollbook"), .product(name: "FaultyHost", package: "tollbook"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "PriceBenchmark", dependencies: [.product(name: "Prices", package: "tollbook")],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
