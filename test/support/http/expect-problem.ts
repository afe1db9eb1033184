import { expect } from 'chai';
import type { HttpReply } from '../shop/http-client.ts';

export function expectProblem(reply: HttpReply, status: number, code: string): void {
  expect(reply.status, reply.text).to.equal(status);
  expect(reply.body.code).to.equal(code);
}
