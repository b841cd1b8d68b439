/** Watch mode: an edit in a file that the bundle does not contain is seen, and clears or brings the findings of another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostedProject, write } from '../support/tarball.mjs';
import { HOSTS } from './hosts.mjs';
import { start } from './runs.mjs';
import { MENDED_APP, OPEN_GUARD, SERVER } from './server.mjs';

for (const [name, host] of Object.entries(HOSTS).filter(([, { watch }]) => watch)) {
  test(`${name} --watch sees a guard that another file adds, and one that is broken`, async (context) => {
    const root = hostedProject(context, 'bundlers', { ...SERVER, ...host.files });
    const watch = start(context, 'bundlers', host.watch, root);
    assert.equal(endpoints(await watch.until(host.rebuilt)), 2);

    write(root, { 'src/app.js': MENDED_APP });
    assert.equal(endpoints(await watch.until(host.rebuilt)), 0);

    write(root, { 'src/guard.js': OPEN_GUARD });
    assert.equal(endpoints(await watch.until(host.rebuilt)), 2);
  });

  test(`${name} --watch goes on after a build that failed, for a wrong configuration too`, async (context) => {
    const root = hostedProject(context, 'bundlers', { ...SERVER, ...host.files, 'authlint.config.json': '{ "publicRuotes": [] }' });
    const watch = start(context, 'bundlers', host.watch, root, { options: { failOn: 'high' } });
    assert.match(await watch.until(host.rebuilt), /nothing was analysed: .*publicRuotes/);

    write(root, { 'authlint.config.json': '{}' });
    assert.equal(endpoints(await watch.until(host.rebuilt)), 2);

    write(root, { 'src/app.js': MENDED_APP });
    assert.equal(endpoints(await watch.until(host.rebuilt)), 0);
  });
}

/** How many open endpoints are shown. */
const endpoints = (output) => output.split('(require-authentication)').length - 1;
