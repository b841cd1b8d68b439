import { Router } from 'express';
import { assertUser } from '~/guards/session.js';
import { prisma } from '~/lib/db.js';

export const invoices = Router();

// Guarded: the check is awaited, and throws.
invoices.get('/:id', async (req, res) => {
  const user = await assertUser(req);
  res.json(await prisma.invoice.findFirst({ where: { id: req.params.id, customerId: user.id } }));
});

// Subtly open: nobody waits for the check, so the invoice is gone before it fails.
invoices.delete('/:id', async (req, res) => {
  assertUser(req);
  await prisma.invoice.delete({ where: { id: req.params.id } });
  res.status(204).end();
});
