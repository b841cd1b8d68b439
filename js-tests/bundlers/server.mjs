/** The server that all bundlers are tested with: several files, and what is wrong in one of them is mended in another. */

const MANIFEST = { name: 'shop', private: true, type: 'module', dependencies: { express: '^5.0.0', jsonwebtoken: '^9.0.0' } };

/** Lets everyone pass: it answers, and goes on. */
export const OPEN_GUARD = `import jwt from 'jsonwebtoken';

export function requireUser(req, res, next) {
  const token = req.headers.authorization;
  if (!token) res.status(401).json({ error: 'Who are you?' });
  next();
}
`;

export const GUARD = `import jwt from 'jsonwebtoken';

export function requireUser(req, res, next) {
  try {
    req.user = jwt.verify(req.headers.authorization, process.env.SECRET);
  } catch {
    return res.status(401).json({ error: 'Who are you?' });
  }
  next();
}
`;

/** The routers, mounted without a guard. */
export const OPEN_APP = `import express from 'express';
import { orders } from './routes/orders.js';
import { invoices } from './routes/invoices.js';

export const app = express();
app.use(express.json());
app.use('/api/orders', orders);
app.use('/api/invoices', invoices);
`;

export const APP = OPEN_APP.replace("import { orders }", "import { requireUser } from './guard.js';\nimport { orders }").replace("app.use('/api/orders'", "app.use(requireUser);\napp.use('/api/orders'");

/** The page: it has nothing to do with the server's files, and neither has the bundle. */
export const CLIENT = `document.title = 'Shop';\n`;

export const SERVER = {
  'package.json': JSON.stringify(MANIFEST, null, 2),
  'index.html': '<!doctype html><title>…</title><script type="module" src="/client.js"></script>\n',
  'client.js': CLIENT,
  'server/index.js': `import { app } from './app.js';\n\napp.listen(3000);\n`,
  'server/app.js': OPEN_APP,
  'server/guard.js': GUARD,
  'server/routes/orders.js': `import { Router } from 'express';
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();
export const orders = Router();

orders.get('/', async (req, res) => res.json(await prisma.order.findMany()));
orders.delete('/:id', async (req, res) => {
  await prisma.order.delete({ where: { id: req.params.id } });
  res.status(204).end();
});
`,
  'server/routes/invoices.js': `import { Router } from 'express';
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();
export const invoices = Router();

invoices.get('/:id', async (req, res) => res.json(await prisma.invoice.findUnique({ where: { id: req.params.id } })));
`,
};
