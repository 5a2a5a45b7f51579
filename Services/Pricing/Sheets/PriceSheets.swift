public import Foundation
public import Rating

/// The price sheets that come with Tollbook, and any folder of sheets.
public enum PriceSheets {
    /// Reads the sheets that were built into the package's resources.
    public static func embedded() throws(PriceSheetError) -> [PriceSheet] {
        try sheets(in: Bundle.module.bundleURL.appending(path: "Prices", directoryHint: .isDirectory))
    }

    /// Reads every `.json` file of a folder, in the order of their names.
    ///
    /// - Throws: `PriceSheetError` naming the file and line, also when the folder holds no sheet.
    public static func sheets(in folder: URL) throws(PriceSheetError) -> [PriceSheet] {
        let files: [URL]
        do {
            files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "json" }
                .sorted { $0.lastPathComponent < $1.lastPathComponent }
        } catch {
            throw PriceSheetError(file: folder.path, line: 0, fault: "the folder of price sheets cannot be read")
        }
        guard !files.isEmpty else { throw PriceSheetError(file: folder.path, line: 0, fault: "no price sheet is here") }
        var sheets: [PriceSheet] = []
        for file in files {
            guard let text = try? Data(contentsOf: file) else {
                throw PriceSheetError(file: file.lastPathComponent, line: 0, fault: "the file cannot be read")
            }
            sheets.append(try PriceSheet(decoding: Array(text), name: file.lastPathComponent))
        }
        return sheets
    }
}
