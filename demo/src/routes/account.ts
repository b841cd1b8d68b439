import { Router } from 'express';
import { prisma } from '~/lib/db.js';

export const account = Router();

account.get('/', async (req, res) => {
  res.json(await prisma.user.findUnique({ where: { id: req.user.id } }));
});

account.patch('/', async (req, res) => {
  res.json(await prisma.user.update({ where: { id: req.user.id }, data: { name: req.body.name } }));
});
