import type { BrowserContextOptions } from 'playwright-core';
import type { AdminRole } from '../../../app/http/contract/admin-role.ts';
import { makeAdminBySql } from '../shop/admin-client.ts';
import type { Credentials } from '../shop/http-client.ts';
import type { TestPages, Visitor } from './use-pages.ts';

/** Credentials of a new admin. */
export async function newAdmin(pages: TestPages, role: AdminRole = 'owner'): Promise<Credentials> {
  const { credentials, userId } = await pages.customer(0);
  await makeAdminBySql(pages.shop.database, userId, role);
  return credentials;
}

/** A browser in which an admin has logged in to the console. */
export async function consoleVisitor(
  pages: TestPages,
  { role = 'owner', ...options }: BrowserContextOptions & { role?: AdminRole } = {},
): Promise<Visitor> {
  const visitor = await pages.visitor(options);
  await logInToConsole(visitor, await newAdmin(pages, role));
  await visitor.page.locator('.side nav').waitFor({ state: 'attached' });
  return visitor;
}

export async function logInToConsole(
  { page, open }: Visitor,
  { email, password }: Credentials,
): Promise<void> {
  await open('/console/');
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', password);
  await page.click('main [type=submit]');
}
