// Compares a report with what a spec expects: one line per difference, `-` expected and `+` got.

/** The differences between what `test` of a page with these rules expects and a report. */
export function differences(test, rules, { inventory, findings }) {
  const spokenOf = new Set([...rules, ...test.assertions.map((a) => a.rule)]);
  const errors = findings.errors.map((e) => ({ file: e.file, line: e.line, text: e.message }));
  const unknown = inventory.unknown.map((u) => ({ file: u.file, line: u.line, text: u.why }));
  return [
    ...diffFindings(test.assertions, findings.findings.filter((f) => spokenOf.has(f.rule))),
    ...(test.endpoints ? diffEndpoints(test.endpoints, inventory.endpoints) : []),
    ...diffRows('error', test.errors, errors),
    ...(test.unknown ? diffRows('unknown', test.unknown, unknown) : []),
  ];
}

/** Takes one element that fits out of the list; false where there is none. */
function take(list, fits) {
  const index = list.findIndex(fits);
  if (index < 0) return false;
  list.splice(index, 1);
  return true;
}

function diffFindings(assertions, got) {
  const left = [...got];
  const diff = [];
  for (const a of assertions) {
    const fits = (f) =>
      f.file === a.file && f.line === a.line && f.rule === a.rule && (!a.severity || a.severity === f.severity) && (!a.message || f.message.includes(a.message));
    for (let i = 0; i < a.times; i++) {
      if (!take(left, fits)) diff.push(`- finding ${a.file}:${a.line} [${a.rule}] ${a.severity ?? 'any severity'} ${a.message ?? ''}   (page line ${a.pageLine})`);
    }
  }
  return [...diff, ...left.map((f) => `+ finding ${f.file}:${f.line} [${f.rule}] ${f.severity} ${f.message}`)];
}

function samePath(expected, got) {
  const [a, b] = [expected, got].map((path) => path.replace(/^\//, '').split('/'));
  return a.length === b.length && a.every((x, i) => x === b[i] || (x === '*' && b[i].startsWith('*')));
}

function wordFits([key, value], row) {
  if (key === 'guard') return row.guards.some((g) => g.name === value);
  if (key === 'handler') return row.handler !== null && `${row.handler.file}:${row.handler.line}` === value;
  if (key === 'at') return `${row.file}:${row.line}` === value;
  if (key === 'role') return String(row.role) === value;
  return (row[key] ?? 'none') === value;
}

function diffEndpoints(expected, got) {
  const left = [...got];
  const diff = [];
  for (const line of expected) {
    const fits = (row) =>
      line.methods.includes(row.method) && samePath(line.path, row.path) && line.auth.includes(row.auth) && line.words.every((word) => wordFits(word, row));
    if (!take(left, fits)) diff.push(`- endpoint ${line.text}   (page line ${line.pageLine})`);
  }
  // Static files are listed for completeness only; a spec may leave them out.
  return [...diff, ...left.filter((row) => row.exempt !== 'static').map((row) => `+ endpoint ${show(row)}`)];
}

function show(row) {
  const handler = row.handler ? ` handler=${row.handler.file}:${row.handler.line}` : '';
  const guards = row.guards.map((g) => ` guard=${g.name}(${g.effect})`).join('');
  return `${row.method} ${row.path} ${row.auth} at=${row.file}:${row.line}${handler} exempt=${row.exempt} severity=${row.severity} role=${row.role}${guards}   because ${row.why}`;
}

function diffRows(kind, expected, got) {
  const diff = [];
  let left = got;
  for (const row of expected) {
    // One mistake in the input may give several rows on its line: a line of the spec stands for all of them.
    const rest = left.filter((g) => !(g.file === row.file && (row.line === null || g.line === row.line) && g.text.includes(row.message)));
    if (rest.length === left.length) diff.push(`- ${kind} ${row.file}:${row.line ?? '?'} ${row.message}   (page line ${row.pageLine})`);
    left = rest;
  }
  return [...diff, ...left.map((g) => `+ ${kind} ${g.file}:${g.line} ${g.text}`)];
}
