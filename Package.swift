// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target: the language's upcoming strictness is on, and a warning fails the build.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

/// What two services or more use: vocabulary (knows tokens and dollars) and plumbing (does not).
let shared: [Target] = [
    .target(name: "Wire", path: "Shared/Wire", swiftSettings: strict),
    .target(name: "Metering", dependencies: ["Wire"], path: "Shared/Metering", swiftSettings: strict),
    .target(name: "WallClock", dependencies: ["Metering"], path: "Shared/WallClock", swiftSettings: strict),
    .target(name: "Ledger", dependencies: ["Metering", "Wire"], path: "Shared/Ledger", swiftSettings: strict),
    .target(name: "Settings", path: "Shared/Settings", swiftSettings: strict),
    .target(name: "Access", dependencies: ["Settings", crypto], path: "Shared/Access", swiftSettings: strict),
    .target(
        name: "CurveFiles", dependencies: ["Settings", "ZeroMQ"], path: "Shared/CurveFiles", swiftSettings: strict),
    .target(name: "Storage", dependencies: [grdb], path: "Shared/Storage", swiftSettings: strict),
    .systemLibrary(name: "CZeroMQ", path: "Shared/CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
    .target(
        name: "ZeroMQ", dependencies: ["CZeroMQ"], path: "Shared/ZeroMQ",
        swiftSettings: strict + [.strictMemorySafety()]),
    .target(
        name: "Pipeline", dependencies: ["CurveFiles", "Settings", "Wire", "ZeroMQ", deque, lifecycle, logging],
        path: "Shared/Pipeline", swiftSettings: strict),
    .target(
        name: "Telemetry", dependencies: ["Wire", coreMetrics, logging], path: "Shared/Telemetry",
        swiftSettings: strict),
    .target(
        name: "Operations",
        dependencies: [
            "Access", "Settings", "Telemetry", argumentParser, httpTypes, hummingbird, hummingbirdCore, lifecycle,
            logging, nio,
            nioHTTPTypes,
        ],
        path: "Shared/Operations", swiftSettings: strict),
]

/// The pure part of each service: values in, values out.
let cores: [Target] = [
    .target(
        name: "Harnesses", dependencies: ["Metering", "Wire", crypto], path: "Services/Ingest/Core",
        swiftSettings: strict),
    .target(
        name: "Reconciliation", dependencies: ["Metering", "Wire"], path: "Services/Dedupe/Core",
        swiftSettings: strict),
    .target(
        name: "Rating", dependencies: ["Ledger", "Metering", "Wire"], path: "Services/Pricing/Core",
        swiftSettings: strict),
    .target(
        name: "Reporting", dependencies: ["Ledger", "Metering", "Wire"], path: "Services/Query/Core",
        swiftSettings: strict),
    .target(
        name: "Console", dependencies: ["Ledger", "Metering", "Wire"], path: "Services/CLI/Core",
        swiftSettings: strict),
]

/// The executables and what belongs to one of them alone.
let services: [Target] = [
    .target(
        name: "FileReading", dependencies: ["Harnesses", "Metering", grdb], path: "Services/Ingest/Files",
        swiftSettings: strict),
    .systemLibrary(name: "CZlib", path: "Services/Ingest/CZlib", providers: [.apt(["zlib1g-dev"])]),
    .executableTarget(
        name: "IngestService",
        dependencies: [
            "Access", "CZlib", "FileReading", "Harnesses", "Metering", "Operations", "Pipeline", "Settings", "Storage",
            "Telemetry", "WallClock", "Wire", argumentParser, coreMetrics, deque, grdb, httpTypes, hummingbird,
            lifecycle, logging,
            nio, nioHTTP1, nioHTTPTypes, unixSignals,
        ],
        path: "Services/Ingest", exclude: ["CZlib", "Core", "Files", "README.md"], swiftSettings: strict),
    .executableTarget(
        name: "DedupeService",
        dependencies: [
            "Metering", "Operations", "Pipeline", "Reconciliation", "Settings", "Storage", "Telemetry",
            "WallClock", "Wire", argumentParser, coreMetrics, deque, grdb, lifecycle, logging, sqlite, unixSignals,
        ],
        path: "Services/Dedupe", exclude: ["Core", "README.md"], swiftSettings: strict),
    .target(
        name: "PriceSheets", dependencies: ["Rating", "Settings"], path: "Services/Pricing",
        exclude: [
            "ChargeTransform.swift", "Core", "CurrentPrices.swift", "Main.swift", "PriceWatcher.swift",
            "PricingConfiguration.swift", "README.md", "RatingRequest+JSON.swift",
        ],
        sources: ["Sheets"], resources: [.copy("Prices")], swiftSettings: strict),
    .executableTarget(
        name: "PricingService",
        dependencies: [
            "Ledger", "Metering", "Operations", "Pipeline", "PriceSheets", "Rating", "Settings", "Telemetry",
            "WallClock", "Wire", argumentParser, coreMetrics, lifecycle, logging, metrics, unixSignals,
        ],
        path: "Services/Pricing", exclude: ["Core", "Prices", "README.md", "Sheets"], swiftSettings: strict),
    .executableTarget(
        name: "QueryService",
        dependencies: [
            "Access", "Ledger", "Metering", "Operations", "Pipeline", "Reporting", "Settings", "Storage", "Telemetry",
            "WallClock", "Wire", argumentParser, asyncHTTPClient, coreMetrics, grdb, httpTypes, hummingbird, lifecycle,
            logging,
            metrics, nio, nioHTTP1, sqlite, unixSignals,
        ],
        path: "Services/Query", exclude: ["Core", "README.md"], resources: [.copy("Dashboard"), .copy("OpenAPI")],
        swiftSettings: strict),
    .target(
        name: "LocalHTTP", dependencies: ["Settings"], path: "Services/CLI/LocalHTTP", swiftSettings: strict),
    .target(
        name: "Supervision", dependencies: ["LocalHTTP"], path: "Services/CLI/Supervision", swiftSettings: strict),
    .target(
        name: "Repricing", dependencies: ["Console", "Ledger", "Metering", "Rating", "Wire"],
        path: "Services/CLI/Repricing", swiftSettings: strict),
    .executableTarget(
        name: "CLI",
        dependencies: [
            "Access", "Console", "CurveFiles", "FileReading", "Harnesses", "Ledger", "LocalHTTP", "Metering",
            "Pipeline",
            "PriceSheets", "Rating", "Repricing", "Settings", "Supervision", "WallClock", "Wire", "ZeroMQ",
            argumentParser, grdb,
        ],
        path: "Services/CLI", exclude: ["Core", "LocalHTTP", "README.md", "Repricing", "Supervision"],
        swiftSettings: strict),
]

/// Tests of one target each, tests of all together, and what they share.
let tests: [Target] = [
    .testTarget(name: "WireTests", dependencies: ["Wire"], path: "Tests/WireTests", swiftSettings: strict),
    .testTarget(
        name: "MeteringTests", dependencies: ["Metering", "Wire"], path: "Tests/MeteringTests",
        swiftSettings: strict),
    .testTarget(
        name: "LedgerTests", dependencies: ["Ledger", "Metering", "Wire"], path: "Tests/LedgerTests",
        swiftSettings: strict),
    .testTarget(
        name: "AccessTests", dependencies: ["Access", "Settings"], path: "Tests/AccessTests", swiftSettings: strict),
    .testTarget(name: "SettingsTests", dependencies: ["Settings"], path: "Tests/SettingsTests", swiftSettings: strict),
    .testTarget(name: "ZeroMQTests", dependencies: ["ZeroMQ"], path: "Tests/ZeroMQTests", swiftSettings: strict),
    .testTarget(
        name: "PipelineTests",
        dependencies: [
            "CurveFiles", "Pipeline", "Settings", "SimulatedDisk", "Support", "Wire", "ZeroMQ", lifecycle, logging,
        ],
        path: "Tests/PipelineTests", swiftSettings: strict),
    .testTarget(
        name: "TelemetryTests", dependencies: ["Telemetry", coreMetrics, logging], path: "Tests/TelemetryTests",
        swiftSettings: strict),
    .testTarget(
        name: "OperationsTests",
        dependencies: ["Operations", "Telemetry", coreMetrics, hummingbird, hummingbirdTesting, nio],
        path: "Tests/OperationsTests", swiftSettings: strict),
    .testTarget(
        name: "HarnessesTests", dependencies: ["Harnesses", "Metering", "Support", "Wire"],
        path: "Tests/HarnessesTests", resources: [.copy("Fixtures"), .copy("Responses")], swiftSettings: strict),
    .testTarget(
        name: "IngestTests",
        dependencies: [
            "Access", "CZlib", "FileReading", "Harnesses", "IngestService", "Metering", "Operations", "Pipeline",
            "Settings",
            "Support",
            "Telemetry", "Wire", argumentParser, coreMetrics, hummingbird, hummingbirdTesting, lifecycle, logging,
        ],
        path: "Tests/IngestTests", resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
        name: "ReconciliationTests", dependencies: ["Metering", "Reconciliation", "Support", "Wire"],
        path: "Tests/ReconciliationTests", resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
        name: "DedupeTests",
        dependencies: [
            "DedupeService", "Metering", "Pipeline", "Reconciliation", "Settings", "Storage", "Support", "Wire",
            "ZeroMQ", grdb, lifecycle, logging,
        ],
        path: "Tests/DedupeTests", swiftSettings: strict),
    .testTarget(
        name: "RatingTests", dependencies: ["Ledger", "Metering", "PriceSheets", "Rating", "Wire"],
        path: "Tests/RatingTests", resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
        name: "PricingTests",
        dependencies: [
            "Ledger", "Metering", "Pipeline", "PriceSheets", "PricingService", "Rating", "Settings", "Telemetry",
            "Wire",
            "ZeroMQ", argumentParser, logging,
        ],
        path: "Tests/PricingTests", swiftSettings: strict),
    .testTarget(
        name: "ReportingTests", dependencies: ["Ledger", "Metering", "Reporting", "Wire"],
        path: "Tests/ReportingTests", swiftSettings: strict),
    .testTarget(
        name: "QueryTests",
        dependencies: [
            "Access", "Ledger", "LocalHTTP", "Metering", "Operations", "Pipeline", "QueryService", "Reporting",
            "Settings", "Storage", "Support", "Telemetry", "Wire", "ZeroMQ", argumentParser, grdb, httpTypes,
            hummingbird, hummingbirdTesting, lifecycle, logging, nio,
        ],
        path: "Tests/QueryTests", swiftSettings: strict),
    .testTarget(
        name: "CLITests",
        dependencies: [
            "Console", "Ledger", "LocalHTTP", "Metering", "Rating", "Repricing", "Supervision", "Support", "Wire",
        ],
        path: "Tests/CLITests", resources: [.copy("Fixtures")], swiftSettings: strict),
    .target(name: "FaultyHost", path: "Tests/FaultyHost"),
    .target(
        name: "Campaigns", dependencies: ["LocalHTTP", "Supervision", "Support"], path: "Tests/Campaigns",
        swiftSettings: strict),
    .target(
        name: "SimulatedDisk", dependencies: ["Pipeline"], path: "Tests/SimulatedDisk", swiftSettings: strict),
    .target(
        name: "Support",
        dependencies: ["Ledger", "LocalHTTP", "Metering", "Reconciliation", "Supervision", "Wire", "ZeroMQ"],
        path: "Tests/Support", resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
        name: "SimulationTests",
        dependencies: [
            "Harnesses", "Ledger", "Metering", "Pipeline", "PriceSheets", "Rating", "Reconciliation", "Reporting",
            "SimulatedDisk", "Support", "Wire",
        ],
        path: "Tests/SimulationTests", resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
        name: "EndToEndTests",
        dependencies: ["Campaigns", "Ledger", "LocalHTTP", "Metering", "Supervision", "Support"],
        path: "Tests/EndToEndTests",
        resources: [.copy("Browser"), .copy("Interface"), .copy("Live"), .copy("Reports")], swiftSettings: strict),
]

let package = Package(
    name: "tollbook",
    products: [
        .executable(name: "tollbook", targets: ["CLI"]),
        .executable(name: "tollbook-dedupe", targets: ["DedupeService"]),
        .executable(name: "tollbook-ingest", targets: ["IngestService"]),
        .executable(name: "tollbook-pricing", targets: ["PricingService"]),
        .executable(name: "tollbook-query", targets: ["QueryService"]),
        // For the benchmarks, which are a package of their own.
        .library(name: "Prices", targets: ["Ledger", "Metering", "PriceSheets", "Rating"]),
        .library(
            name: "TestSupport",
            targets: ["Ledger", "LocalHTTP", "Metering", "Supervision", "Support", "Wire", "ZeroMQ"]),
        // For the fuzz targets, which are a package of their own too.
        .library(name: "Cores", targets: ["Harnesses", "Ledger", "Metering", "Pipeline", "Rating", "Wire"]),
        .library(name: "CZlib", targets: ["CZlib"]),
        .library(name: "SimulatedDisk", targets: ["SimulatedDisk"]),
        // For the long delivery campaign; the second is preloaded into its services.
        .library(name: "Campaigns", targets: ["Campaigns"]),
        .library(name: "FaultyHost", type: .dynamic, targets: ["FaultyHost"]),
        // For the sanitizers, under which the plumbing alone is built.
        .library(
            name: "Plumbing", targets: ["CurveFiles", "Pipeline", "Settings", "SimulatedDisk", "Wire", "ZeroMQ"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: shared + cores + services + tests,
    swiftLanguageModes: [.v6]
)
