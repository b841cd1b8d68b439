import type { Request, Response } from 'express';
import bcrypt from 'bcrypt';
import jwt from 'jsonwebtoken';
import { prisma } from '~/lib/db.js';

export async function login(req: Request, res: Response) {
  const user = await prisma.user.findUnique({ where: { email: req.body.email } });
  if (!user || !(await bcrypt.compare(req.body.password, user.passwordHash))) {
    return res.status(401).json({ error: 'wrong email or password' });
  }
  res.json({ token: jwt.sign({ sub: user.id }, process.env.JWT_SECRET!, { expiresIn: '15m' }) });
}
