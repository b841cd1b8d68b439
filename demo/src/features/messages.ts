import { Router } from 'express';
import { prisma } from '~/lib/db.js';

export const messages = Router();

messages.get('/', async (req, res) => {
  res.json(await prisma.message.findMany({ where: { recipientId: req.user.id } }));
});
