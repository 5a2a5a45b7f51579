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
        let sheets = try sheets(ifAnyIn: folder, isRequired: true)
        guard !sheets.isEmpty else {
            throw PriceSheetError(file: folder.path, line: 0, fault: "no price sheet is here")
        }
        return sheets
    }

    /// Reads one file.
    ///
    /// - Throws: `PriceSheetError` naming the file and line.
    public static func sheet(at file: URL) throws(PriceSheetError) -> PriceSheet {
        guard let text = try? Data(contentsOf: file) else {
            throw PriceSheetError(file: file.lastPathComponent, line: 0, fault: "the file cannot be read")
        }
        return try PriceSheet(decoding: Array(text), name: file.lastPathComponent)
    }

    /// Reads the sheets of a folder that may be empty and, unless it is required, may be missing.
    static func sheets(ifAnyIn folder: URL, isRequired: Bool) throws(PriceSheetError) -> [PriceSheet] {
        if !isRequired, !FileManager.default.fileExists(atPath: folder.path) { return [] }
        let files: [URL]
        do {
            files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "json" }
                .sorted { $0.lastPathComponent < $1.lastPathComponent }
        } catch {
            throw PriceSheetError(file: folder.path, line: 0, fault: "the folder of price sheets cannot be read")
        }
        var sheets: [PriceSheet] = []
        for file in files { sheets.append(try sheet(at: file)) }
        return sheets
    }
}
