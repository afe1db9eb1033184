import { expect } from 'chai';
import * as fc from 'fast-check';
import { addressKey } from '../../app/http/access/client-address.ts';
import { checkProperty } from '../support/check-property.ts';

describe('the key of a client address', () => {
  it('is the IPv4 address, also when the socket reports it as IPv6', () => {
    expect(addressKey('203.0.113.7')).to.equal('203.0.113.7');
    expect(addressKey(' 203.0.113.7 ')).to.equal('203.0.113.7');
    expect(addressKey('::ffff:203.0.113.7')).to.equal('203.0.113.7');
    expect(addressKey('::FFFF:203.0.113.7')).to.equal('203.0.113.7');
  });

  it('is the first half of an IPv6 address in any notation', () => {
    for (const same of [
      '2001:db8:1:2:3:4:5:6',
      '2001:DB8:0001:2::9',
      '2001:db8:1:2::',
      '2001:db8:1:2:ffff::203.0.113.7',
      '2001:db8:1:2::1%eth0',
      '2001:db8:1:2::1%eth0.1',
    ]) {
      expect(addressKey(same), same).to.equal('2001:db8:1:2::/64');
    }
    expect(addressKey('::1')).to.equal('0:0:0:0::/64');
    expect(addressKey('2001:db8::')).to.equal('2001:db8:0:0::/64');
    expect(addressKey('::2:3:4:5:6:7:8')).to.equal('0:2:3:4::/64');
    expect(addressKey('2001:db8:1:3::1')).not.to.equal(addressKey('2001:db8:1:2::1'));
  });

  it('is undefined for anything but an address', () => {
    for (const text of [
      undefined,
      '',
      'localhost',
      '1.2.3',
      '203.0.113.7, 203.0.113.8',
      '203.0.113.7:80',
      '[::1]',
    ]) {
      expect(addressKey(text), String(text)).to.equal(undefined);
    }
  });

  it('depends on the first 64 bits only', () =>
    checkProperty(
      fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
        const bits = (address: string) => new URL(`http://[${address}]`).hostname;
        const key = addressKey(one);
        // The address as another parser writes it is the same party.
        expect(addressKey(bits(one).slice(1, -1))).to.equal(key);
        if (bits(one) === bits(other)) expect(addressKey(other)).to.equal(key);
      }),
    ));
});
