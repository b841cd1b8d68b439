/** One server in all bundlers, from the packed tarball: each shows what the command line finds, fails where it is told to, and is silent after the mend. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostedProject, write } from '../support/tarball.mjs';
import { shown } from '../support/server.mjs';
import { HOSTS } from './hosts.mjs';
import { commandLine, run } from './runs.mjs';
import { EXPECTED, MENDED_APP, SERVER } from './server.mjs';

/** One of the three findings is a warning, where `failOn` is `high`. */
const CONFIG = { 'authlint.config.json': JSON.stringify({ rules: { 'no-ineffective-guard': 'medium' } }) };

for (const [name, host] of Object.entries(HOSTS)) {
  const build = (root, options) => run('bundlers', host.build, root, { options, runtime: host.runtime });

  test(`${name} shows the findings of the command line, fails where it is told to, and is silent after the mend`, (context) => {
    const root = hostedProject(context, 'bundlers', { ...SERVER, ...CONFIG, ...host.files });
    const expected = commandLine('bundlers', root);
    assert.deepEqual(shown(expected), EXPECTED);

    const warned = build(root, { failOn: 'critical' });
    assert.equal(warned.code, 0, warned.output);
    assertShown(warned.output, expected, host);

    const failed = build(root, { failOn: 'high' });
    assert.equal(failed.code, 1, failed.output);
    assertShown(failed.output, expected, host);

    write(root, { 'src/app.js': MENDED_APP });
    const mended = build(root, { failOn: 'low' });
    assert.equal(mended.code, 0, mended.output);
    assert.doesNotMatch(mended.output, /authlint|require-authentication/);
  });
}

/** Each finding once: its text, its place, its code, what else belongs to it, and nothing besides. */
function assertShown(output, expected, host) {
  for (const { severity, message, rule, file, line, column, trace } of expected) {
    // Some hosts take the backticks for their own marks.
    const text = plain(`${severity} ${message} (${rule})`);
    assert.equal(occurrences(plain(output), text), 1, `${text}\n${output}`);
    const places = [host.place, host.failing ?? host.place].map((place) => place(file, line, column));
    assert.ok(places.some((place) => output.includes(place)), `${places}\n${output}`);
    for (const step of trace) assert.ok(output.includes(`${step.file}:${step.line}`) || step.line === line, `${step.file}:${step.line}\n${output}`);
    assert.match(output, new RegExp(`\\b${line} │ \\w+\\.(?:get|use)\\(`), output);
  }
  assert.equal(occurrences(output, /\((?:require-authentication|no-ineffective-guard)\)/), expected.length, output);
}

const plain = (text) => text.replaceAll('`', '');
const occurrences = (text, part) => text.split(part).length - 1;
