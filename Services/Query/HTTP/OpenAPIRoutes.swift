import Foundation
import Hummingbird

/// `/openapi.json`: what every route takes and answers, put together from one file for each group of routes.
struct OpenAPIRoutes: Sendable {
    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.get("/openapi.json") { _, _ -> Response in
            guard let document = Self.document else {
                throw Problem(.notFound, "the interface's description is not installed beside the program")
            }
            return .json(document)
        }
    }

    /// The whole document as JSON text.
    private static let document: [UInt8]? = {
        let folder = Bundle.module.bundleURL.appending(path: "OpenAPI")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        var whole: [String: Any] = [:]
        for file in files.sorted(by: { $0.lastPathComponent < $1.lastPathComponent }) {
            guard let data = try? Data(contentsOf: file),
                let part = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
            else { return nil }
            whole = merged(whole, part)
        }
        let zones: [String: Any] = [
            "components": ["parameters": ["timezone": ["schema": ["enum": TimeZones.names]]]]
        ]
        whole = merged(whole, zones)
        return (try? JSONSerialization.data(withJSONObject: whole, options: [.sortedKeys, .withoutEscapingSlashes])).map
        { Array($0) }
    }()

    private static func merged(_ left: [String: Any], _ right: [String: Any]) -> [String: Any] {
        left.merging(right) { old, new in
            guard let old = old as? [String: Any], let new = new as? [String: Any] else { return new }
            return merged(old, new)
        }
    }
}
