public import Metering

/// Takes newly published list prices of one provider into the refreshed layer: append-only, and nothing unlikely unseen.
///
/// A new rate opens a row at the moment it was first seen, or when its source says it began, and closes the refreshed row
/// before it; below, the built-in rows stay as they are. What was in force before is never changed. A jump of more than
/// five times, a price that vanished or became zero, and a name that changed its kind are quarantined: not taken, reported.
public struct PriceRefresh: Sendable {
    /// The provider's refreshed sheet as it is to be from now on.
    public private(set) var sheet: PriceSheet
    /// What was taken, in the order of models.
    public private(set) var changes: [Change] = []
    /// What was not taken, with the reason.
    public private(set) var quarantined: [Quarantined] = []

    private let book: PriceBook
    private let seen: Timestamp
    private let accepted: Set<String>

    /// A price or name that was taken.
    public struct Change: Hashable, Sendable {
        /// Whether it is new, or replaces another.
        public enum Kind: String, Hashable, Sendable {
            case newModel = "new_model"
            case newPrice = "new_price"
            case changedPrice = "changed_price"
            case newName = "new_name"
            case movedName = "moved_name"
        }
        /// Whether it is new, or replaces another.
        public let kind: Kind
        /// The model or name.
        public let model: String
        /// What picks it among the model's prices; the standard price for names.
        public let selector: PriceSelector
        /// From when it holds.
        public let from: Timestamp
        /// Whether no first instant is known.
        public var isFromEver: Bool { from == .distantPast }
    }

    /// Something that was not taken.
    public struct Quarantined: Hashable, Sendable {
        /// Why it was not taken.
        public enum Reason: String, Hashable, Sendable {
            case jump
            case zero
            case removed
            case hoursChanged = "hours_changed"
            case nameChangedKind = "name_changed_kind"
        }
        /// Why it was not taken.
        public let reason: Reason
        /// The model or name.
        public let model: String
        /// What picks it among the model's prices.
        public let selector: PriceSelector
        /// What was found, for people.
        public let detail: String
    }

    /// Compares a candidate with the prices in force and takes in what is likely.
    ///
    /// - Parameters:
    ///   - candidate: the provider's published prices, all of them unless `isPartial`.
    ///   - book: the list prices in force, the refreshed layer among them; overrides must not be.
    ///   - refreshed: the provider's refreshed sheet so far.
    ///   - seen: now.
    ///   - isPartial: whether what the candidate does not name says nothing.
    ///   - accepted: models whose quarantine was looked at and lifted.
    public init(
        _ candidate: PriceSheet, book: PriceBook, refreshed: PriceSheet?, seen: Timestamp, isPartial: Bool = false,
        accepted: Set<String> = []
    ) {
        sheet = refreshed ?? PriceSheet(provider: candidate.provider)
        self.book = book
        self.seen = seen
        self.accepted = accepted
        sheet.version = "refreshed \(seen)"
        if book.catalog(candidate.provider) == nil {
            // A provider that no other layer knows brings what its sheet says of it.
            sheet.isFirstParty = candidate.isFirstParty
            sheet.otherNames = candidate.otherNames
            sheet.includes = candidate.includes
            sheet.serviceTierAliases = candidate.serviceTierAliases
        }
        let catalog = book.catalog(candidate.provider) ?? Catalog()
        // A part says nothing about the rest of the provider's prices.
        if !isPartial { sheet.asOf = [sheet.asOf, candidate.asOf ?? CivilDay(of: seen)].compactMap(\.self).max() }
        takePrices(candidate, catalog)
        takeNames(candidate, catalog)
        if !isPartial { reportRemoved(candidate, catalog) }
    }

    /// Whether the sheet says more than the book: other prices, or the same on a later day.
    public var isNews: Bool {
        if !changes.isEmpty { return true }
        guard let day = sheet.asOf else { return false }
        return book.catalogueDays[sheet.provider].map { day > $0 } ?? true
    }

    private struct Group: Hashable {
        let model: String
        let selector: PriceSelector
    }

    private mutating func takePrices(_ candidate: PriceSheet, _ catalog: Catalog) {
        let groups = Dictionary(grouping: candidate.rows) { Group(model: $0.model, selector: $0.selector) }
        for (group, rows) in groups.sorted(by: {
            ($0.key.model, "\($0.key.selector)") < ($1.key.model, "\($1.key.selector)")
        }) {
            let offered = rows.filter { $0.holds(at: seen) }
            if !offered.isEmpty { take(offered, group, from: seen, catalog) }
            // Prices announced for later.
            for start in Set(rows.map(\.from)).filter({ $0 > seen }).sorted() {
                take(rows.filter { $0.from == start }, group, from: start, catalog)
            }
        }
    }

    /// Takes the rows of a model and selector that are to be in force from a moment on.
    private mutating func take(_ offered: [PriceRow], _ group: Group, from moment: Timestamp, _ catalog: Catalog) {
        let current = catalog.rows(of: group.model, selector: group.selector, at: moment)
        let stated = offered.map(\.from).max() ?? .distantPast
        guard !current.isEmpty else {
            guard isLikely(offered, group) else { return }
            let isKnown = catalog.rowsByModel[group.model] != nil
            // Nothing says since when a price beside known ones holds, unless its source does.
            let start = isKnown && stated == .distantPast ? moment : stated
            append(offered, group, from: start, kind: isKnown ? .newPrice : .newModel)
            return
        }
        guard !Self.areAlike(offered, current) else { return }
        guard isLikely(offered, after: current, group) else { return }
        let before = current.map(\.from).max() ?? .distantPast
        append(offered, group, from: stated > before ? stated : moment, kind: .changedPrice)
    }

    private mutating func append(_ rows: [PriceRow], _ group: Group, from start: Timestamp, kind: Change.Kind) {
        for index in sheet.rows.indices where sheet.rows[index].model == group.model {
            let row = sheet.rows[index]
            if row.selector == group.selector, row.from < start, start < row.to { sheet.rows[index].to = start }
        }
        for var row in rows {
            row.provider = sheet.provider
            row.from = start
            guard row.from < row.to else { continue }
            sheet.rows.append(row)
        }
        changes.append(Change(kind: kind, model: group.model, selector: group.selector, from: start))
    }

    /// Whether rows cost the same at every hour; sources and dates do not matter.
    private static func areAlike(_ left: [PriceRow], _ right: [PriceRow]) -> Bool {
        func price(_ row: PriceRow) -> PriceRow {
            var row = row
            (row.provider, row.source) = ("", "")
            (row.from, row.to) = (.distantPast, .distantFuture)
            return row
        }
        return Set(left.map(price)) == Set(right.map(price))
    }

    private mutating func takeNames(_ candidate: PriceSheet, _ catalog: Catalog) {
        for alias in candidate.aliases.sorted(by: { $0.name < $1.name }) where alias.holds(at: seen) {
            guard let target = catalog.target(of: alias.name, at: seen) else {
                let start = catalog.knows(alias.name) ? seen : alias.from
                take(alias, from: start, .newName)
                continue
            }
            guard target != Catalog.Target(alias) else { continue }
            if target.model == alias.name, target.provider == nil, !accepted.contains(alias.name) {
                quarantine(
                    .nameChangedKind, alias.name, .standard, "a model of its own became a name of \(alias.model)")
                continue
            }
            take(alias, from: alias.from > .distantPast && alias.from < seen ? alias.from : seen, .movedName)
        }
    }

    private mutating func take(_ alias: ModelAlias, from start: Timestamp, _ kind: Change.Kind) {
        for index in sheet.aliases.indices where sheet.aliases[index].name == alias.name {
            if sheet.aliases[index].holds(at: start) { sheet.aliases[index].to = start }
        }
        sheet.aliases.removeAll { $0.name == alias.name && $0.from >= $0.to }
        var alias = alias
        alias.from = start
        sheet.aliases.append(alias)
        changes.append(Change(kind: kind, model: alias.name, selector: .standard, from: start))
    }

    private mutating func reportRemoved(_ candidate: PriceSheet, _ catalog: Catalog) {
        let listed = Set(
            candidate.rows.filter { $0.holds(at: seen) }.map { Group(model: $0.model, selector: $0.selector) })
        let named = Set(candidate.aliases.filter { $0.holds(at: seen) }.map(\.name))
        for (model, layers) in catalog.rowsByModel.sorted(by: { $0.key < $1.key }) {
            let held = Set(layers.flatMap(\.entries).filter { $0.holds(at: seen) }.map(\.selector))
            for selector in held.sorted(by: { "\($0)" < "\($1)" }) {
                guard !listed.contains(Group(model: model, selector: selector)), !named.contains(model) else {
                    continue
                }
                quarantine(.removed, model, selector, "is no longer listed; its last price stays in force")
            }
        }
    }

    private mutating func quarantine(
        _ reason: Quarantined.Reason, _ model: String, _ selector: PriceSelector, _ detail: String
    ) {
        quarantined.append(Quarantined(reason: reason, model: model, selector: selector, detail: detail))
    }
}

extension PriceRefresh {
    /// The most that a rate may move without being looked at.
    private static let maximumJump: Int64 = 5

    /// Whether a price without one before it may be taken: what costs nothing must be looked at.
    private mutating func isLikely(_ offered: [PriceRow], _ group: Group) -> Bool {
        guard !accepted.contains(group.model), offered.contains(where: { $0.rates.isZero }) else { return true }
        quarantine(.zero, group.model, group.selector, "is listed at zero")
        return false
    }

    /// Whether a price may replace another without being looked at.
    private mutating func isLikely(_ offered: [PriceRow], after current: [PriceRow], _ group: Group) -> Bool {
        guard !accepted.contains(group.model) else { return true }
        guard Set(offered.map(\.window)) == Set(current.map(\.window)) else {
            quarantine(.hoursChanged, group.model, group.selector, "has other hours of the week")
            return false
        }
        for new in offered {
            guard let old = current.first(where: { $0.window == new.window }) else { continue }
            guard let (reason, detail) = Self.oddity(from: old, to: new) else { continue }
            quarantine(reason, group.model, group.selector, detail)
            return false
        }
        return true
    }

    /// What is odd about one row after another, at any size of request.
    private static func oddity(from old: PriceRow, to new: PriceRow) -> (Quarantined.Reason, String)? {
        for input in [0] + Set((old.tiers + new.tiers).map(\.minimumInput)).sorted() {
            let (before, after) = (old.rates(forInput: input), new.rates(forInput: input))
            for tokenClass in TokenClass.disjointClasses {
                let (left, right) = (before[tokenClass], after[tokenClass])
                guard left != right else { continue }
                let place = input == 0 ? "" : " from \(input) tokens"
                let detail =
                    "\(tokenClass.rawValue)\(place) goes from \(PriceSheet.dollarsPerMillion(left)) to "
                    + PriceSheet.dollarsPerMillion(right)
                if right == 0 { return (.zero, detail) }
                if isJump(left, right) { return (.jump, detail) }
            }
        }
        let (left, right) = (old.webSearchFee?.picodollars ?? 0, new.webSearchFee?.picodollars ?? 0)
        guard left != right else { return nil }
        if right == 0 { return (.zero, "the fee of a web search went away") }
        return isJump(left, right) && left != 0 ? (.jump, "the fee of a web search jumps") : nil
    }

    private static func isJump(_ left: Int64, _ right: Int64) -> Bool {
        let (low, high) = (Int128(min(left, right)), Int128(max(left, right)))
        return high > low * Int128(maximumJump)
    }
}

extension PriceRow {
    /// The rates of a request with so many input tokens.
    func rates(forInput input: Int64) -> Rates {
        tiers.last { input >= $0.minimumInput }?.rates ?? rates
    }
}
