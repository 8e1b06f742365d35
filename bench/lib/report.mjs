/** The two forms of a report: a few lines to read, or one JSON object per line. */

const digits = (x) => (x === null || x === undefined ? '-' : Number(x.toPrecision(4)).toString());
const rounded = (x) => (x === null ? null : Number(x.toPrecision(6)));

export function toJson(result) {
  return JSON.stringify({
    name: result.name,
    unit: result.unit,
    ours: rounded(result.ours.median),
    peer: result.skipped ? 'skipped' : rounded(result.peer?.median ?? null),
    peerName: result.peerName,
    ratio: rounded(result.ratio),
    limit: rounded(result.limit),
    goal: result.goal.atMost ?? result.goal.ratio,
    met: result.met,
  });
}

const row = (label, { min, median, max }) =>
  `  ${label.padEnd(46)} ${digits(min).padStart(10)} ${digits(median).padStart(10)} ${digits(max).padStart(10)}`;

export function toText(result) {
  const { unit, goal, ratio, met } = result;
  const lines = [
    `${result.name}: ${result.title}`,
    `  ${`[${unit}]`.padEnd(46)} ${'minimum'.padStart(10)} ${'median'.padStart(10)} ${'maximum'.padStart(10)}`,
    row('ours', result.ours),
  ];
  if (result.peer) lines.push(row(result.peerName, result.peer));
  if (result.skipped) lines.push(`  ${result.peerName}: skipped (${result.skipped})`);
  if (result.wrong) lines.push(`  WRONG, the figures do not count: ${result.wrong}`);
  if (result.limit) {
    const share = Math.round((100 * result.limit) / result.ours.median);
    lines.push(`  ${share} % of the machine's limit of ${digits(result.limit)} ${unit} (${result.limitName})`);
  }
  const verdict = met ? 'met' : 'NOT MET';
  if (goal.atMost !== undefined) lines.push(`  goal: at most ${goal.atMost} ${unit}: ${verdict}`);
  else
    lines.push(
      `  ${ratio === null ? 'no ratio' : `${digits(ratio)} times the peer`}; goal: at least ${goal.ratio} times: ${verdict}`,
    );
  return lines.join('\n');
}
