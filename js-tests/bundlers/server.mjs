/** The server of all hosts, beside a page: the page is what is bundled, and has nothing to do with the server's files. */
import { SERVER as FILES } from '../support/server.mjs';

export { EXPECTED, MENDED_APP } from '../support/server.mjs';

export const SERVER = {
  ...FILES,
  'index.html': '<!doctype html><title>…</title><script type="module" src="/client.js"></script>\n',
  'client.js': `document.title = 'Shop';\n`,
};

export const OPEN_APP = FILES['src/app.js'];

/** Lets everyone pass: it answers, and goes on. */
export const OPEN_GUARD = FILES['src/guard.js'].replace('return res.status(401)', 'res.status(401)');
