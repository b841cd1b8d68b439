/** One server in all bundlers, from the packed tarball: each shows what the command line finds, fails where it is told to, and is silent after the mend. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostedProject, write } from '../support/tarball.mjs';
import { HOSTS } from './hosts.mjs';
import { commandLine, run } from './runs.mjs';
import { APP, SERVER } from './server.mjs';

for (const [name, host] of Object.entries(HOSTS)) {
  const build = (root, options) => run('bundlers', host.build, root, { options, runtime: host.runtime });

  test(`${name} shows the findings of the command line, fails where it is told to, and is silent after the mend`, (context) => {
    const root = hostedProject(context, 'bundlers', { ...SERVER, ...host.files });
    const expected = commandLine('bundlers', root);
    assert.deepEqual(expected.map(({ severity }) => severity).toSorted(), ['CRITICAL', 'HIGH', 'HIGH']);

    const warned = build(root, {});
    assert.equal(warned.code, 0, warned.output);
    assertShown(warned.output, expected, () => host.place);

    const failed = build(root, { failOn: 'critical' });
    assert.equal(failed.code, 1, failed.output);
    assertShown(failed.output, expected, ({ severity }) => (severity === 'CRITICAL' && host.failing) || host.place);

    write(root, { 'server/app.js': APP });
    const mended = build(root, { failOn: 'low' });
    assert.equal(mended.code, 0, mended.output);
    assert.doesNotMatch(mended.output, /authlint|require-authentication/);
  });
}

/** Each finding once: its text, its place, its code, and nothing besides. */
function assertShown(output, expected, placeOf) {
  for (const finding of expected) {
    const { severity, message, rule, file, line, column } = finding;
    // Some hosts take the backticks for their own marks.
    const text = `${severity} ${message} (${rule})`;
    assert.equal(occurrences(plain(output), plain(text)), 1, `${text}\n${output}`);
    const place = placeOf(finding)(file, line, column);
    assert.ok(output.includes(place), `${place}\n${output}`);
    assert.match(output, new RegExp(`\\b${line} │ \\w+\\.(?:get|delete)\\(`), output);
  }
  assert.equal(occurrences(output, '(require-authentication)'), expected.length, output);
}

const plain = (text) => text.replaceAll('`', '');
const occurrences = (text, part) => text.split(part).length - 1;
