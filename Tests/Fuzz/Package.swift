// swift-tools-version: 6.2
import PackageDescription

// Built with `-sanitize=fuzzer` for everything (deploy/fuzz does), so that the fuzzer sees the branches of the code it
// drives.
let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "tollbook", path: "../..")],
    targets: [
        .systemLibrary(name: "CFuzzer"),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CFuzzer", .product(name: "Cores", package: "tollbook"), .product(name: "CZlib", package: "tollbook"),
                .product(name: "SimulatedDisk", package: "tollbook"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .treatAllWarnings(as: .error),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
