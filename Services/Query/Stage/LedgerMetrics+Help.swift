extension LedgerMetrics {
    /// What each metric says, by the name it is shown under.
    static let help = [
        "tollbook_ledger_changes_total": "Changes of the ledger; each is one revision of one charge.",
        "tollbook_ledger_charges_total": "Charges in the events that could be read.",
        "tollbook_ledger_commit_seconds": "How long a commit of the ledger took.",
        "tollbook_ledger_dead_letters_total": "Events that could not be used.",
        "tollbook_ledger_duplicates_total": "Events that had been taken in before.",
        "tollbook_ledger_events_total": "Events taken in for the first time.",
        "tollbook_ledger_last_sequence": "The number of the last change.",
        "tollbook_ledger_removed_changes_total": "Changes removed because they were old, since the process began.",
        "tollbook_ledger_retractions_total": "Charges that took an earlier one back.",
        "tollbook_ledger_stale_total": "Charges whose revision was not higher than the stored one.",
    ]
}
