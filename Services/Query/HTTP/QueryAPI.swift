import Access
import Hummingbird
import Operations
import Reporting
import WallClock

/// The service's HTTP interface over a ledger.
struct QueryAPI: Sendable {
    let ledger: any LedgerReading
    let head: LedgerHead
    let hosts: AllowedHosts
    /// The zone of reports that name none.
    let zone: ZoneOffsets
    let operations: OperatorRoutes
    /// The bounds of live streams.
    var pace = EventStream.Pace()
    /// `nil` where no budgets are kept.
    var budgets: BudgetRoutes?
    /// The keys in force; `nil` where none are asked for.
    var keys: KeyRing?

    /// All routes.
    func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: GuardMiddleware(hosts: hosts))
        // Budgets are the deployment's, over all tenants.
        router.add(
            middleware: AuthenticationMiddleware(
                keys: keys, scope: .read, administrative: ["/metrics", "/v1/budgets"]))
        // Routes see no ledger but this.
        let ledger = TenantLedger(base: ledger, view: TenantView(isGuarded: keys != nil))
        operations.add(to: router)
        UsageRoutes(ledger: ledger, zone: zone).add(to: router)
        BlockRoutes(ledger: ledger, zone: zone, now: { .now }).add(to: router)
        SessionRoutes(ledger: ledger, zone: zone).add(to: router)
        FocusRoutes(ledger: ledger).add(to: router)
        ChargeRoutes(ledger: ledger, zone: zone).add(to: router)
        DriftRoutes(ledger: ledger, zone: zone).add(to: router)
        ReconciliationRoutes(ledger: ledger).add(to: router)
        ChangeRoutes(ledger: ledger, head: head).add(to: router)
        EventRoutes(ledger: ledger, head: head, keys: keys, pace: pace).add(to: router)
        TokenRoutes(ledger: ledger).add(to: router)
        ThreadRoutes(ledger: ledger).add(to: router)
        OpenAPIRoutes().add(to: router)
        budgets?.add(to: router)
        DashboardRoutes().add(to: router)
        return router
    }
}
