/** One server over several files, for the tests of all hosts: what each host has to find in it, and the edits that mend it. */
export const SERVER = {
  'package.json': JSON.stringify({ name: 'shop', type: 'module' }),
  'src/app.js': `import express from 'express';
import { requireUser } from './guard.js';
import { users } from './users.js';
import { orders } from './orders.js';

const app = express();
app.use('/api/users', users);
app.use('/api/order', requireUser);
app.use('/api/orders', orders);
app.listen(3000);
`,
  'src/db.js': `import { PrismaClient } from '@prisma/client';
export const prisma = new PrismaClient();
`,
  'src/guard.js': `import jwt from 'jsonwebtoken';

export function requireUser(req, res, next) {
  try {
    req.user = jwt.verify(req.headers.authorization, process.env.SECRET);
  } catch {
    return res.status(401).end();
  }
  next();
}
`,
  'src/users.js': `import { Router } from 'express';
import { prisma } from './db.js';

export const users = Router();
users.get('/', async (req, res) => {
  res.json(await prisma.user.findMany());
});
`,
  'src/orders.js': `import { Router } from 'express';
import { prisma } from './db.js';

export const orders = Router();
orders.get('/', async (req, res) => {
  res.json(await prisma.order.findMany());
});
`,
};

/** `app.js` with its two mistakes mended: an edit in another file than the findings of `users.js` and \`orders.js\`. */
export const MENDED_APP = SERVER['src/app.js'].replace("'/api/users', users", "'/api/users', requireUser, users").replace("'/api/order',", "'/api/orders',");

/** What every host says of {@link SERVER}: rule, file, line, column, end. */
export const EXPECTED = [
  'no-ineffective-guard src/app.js 8:1-8:35',
  'require-authentication src/orders.js 5:1-7:3',
  'require-authentication src/users.js 5:1-7:3',
];

/** Findings of authlint's own JSON in the form of {@link EXPECTED}. */
export function shown(findings) {
  return findings.map(({ rule, file, line, column, endLine, endColumn }) => `${rule} ${file} ${line}:${column}-${endLine}:${endColumn}`).sort();
}
