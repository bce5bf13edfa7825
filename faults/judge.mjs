/** What the recorded history of an outside system proves: paid twice, lost, said wrongly. Logs are not asked. */

/** `payments`: what the office did; `expected`: the references that had to be paid, each once. */
export function judgePayments(payments, expected) {
  const times = new Map();
  for (const { ref } of payments) times.set(ref, (times.get(ref) ?? 0) + 1);
  const duplicates = [...times].filter(([, count]) => count > 1).map(([ref]) => ref);
  const losses = expected.filter((ref) => !times.has(ref));
  const known = new Set(expected);
  const strangers = [...times.keys()].filter((ref) => !known.has(ref));
  return { payments: payments.length, duplicates, losses, strangers };
}

/** `history` and `report` of a sandbox after its nights. A false gap: a system was told of a gap that is none. */
export function judgeNights(report, entries) {
  const falseGaps = entries.filter(
    ({ object, value, verdict }) =>
      object.includes('/status/') && value === 'gap' && ['wrong', 'extra'].includes(verdict),
  );
  return {
    writes: entries.length,
    duplicates: report.duplicated,
    losses: report.missing,
    wrong: report.wrong + report.extra,
    falseGaps: falseGaps.length,
  };
}
