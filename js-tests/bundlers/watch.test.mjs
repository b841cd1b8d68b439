/** Watch mode: an edit in a file that the bundle does not contain is seen, and clears or brings the findings of another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostedProject, write } from '../support/tarball.mjs';
import { HOSTS } from './hosts.mjs';
import { start } from './runs.mjs';
import { APP, OPEN_APP, SERVER } from './server.mjs';

for (const [name, host] of Object.entries(HOSTS).filter(([, { watch }]) => watch)) {
  test(`${name} --watch sees a guard that another file adds, and one that it loses`, async (context) => {
    const root = hostedProject(context, 'bundlers', { ...SERVER, ...host.files });
    const watch = start(context, 'bundlers', host.watch, root);
    assert.equal(count(await watch.until(host.rebuilt)), 3);

    write(root, { 'server/app.js': APP });
    assert.equal(count(await watch.until(host.rebuilt)), 0);

    write(root, { 'server/app.js': OPEN_APP });
    assert.equal(count(await watch.until(host.rebuilt)), 3);
  });

  test(`${name} --watch goes on after a build that failed`, async (context) => {
    const root = hostedProject(context, 'bundlers', { ...SERVER, ...host.files });
    const watch = start(context, 'bundlers', host.watch, root, { options: { failOn: 'high' } });
    assert.equal(count(await watch.until(host.rebuilt)), 3);

    write(root, { 'server/app.js': APP });
    assert.equal(count(await watch.until(host.rebuilt)), 0);
  });
}

const count = (output) => output.split('(require-authentication)').length - 1;
