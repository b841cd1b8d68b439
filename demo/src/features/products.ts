import { Router } from 'express';
import { prisma } from '~/lib/db.js';

export const products = Router();

// Open on purpose: the catalogue.
products.get('/', async (req, res) => {
  res.json(await prisma.product.findMany());
});

// Open by mistake: the loop mounts this router without a guard.
products.delete('/:id', async (req, res) => {
  await prisma.product.delete({ where: { id: req.params.id } });
  res.status(204).end();
});
