import { expect } from 'chai';
import { searchName, searchTerms, searchWords, termStart } from '../../app/catalogue/search-words.ts';

describe('the words of a search', () => {
  it('are runs of letters and digits, each once, in order', () => {
    expect(searchWords('T-shirt, size 42 (t_shirt)')).to.deep.equal(['t', 'shirt', 'size', '42']);
    expect(searchWords('스테인리스 텀블러/500ml')).to.deep.equal(['스테인리스', '텀블러', '500ml']);
  });

  it('do not depend on case, accents, width or composition', () => {
    for (const text of ['café', 'CAFÉ', 'cafe', 'ｃａｆé', 'cafe\u0301']) {
      expect(searchWords(text), text).to.deep.equal(['cafe']);
    }
    expect(searchWords('텀블러'.normalize('NFD'))).to.deep.equal(['텀블러']);
  });

  it('keep the marks that make another letter', () => {
    expect(searchWords('ガラス')).to.deep.equal(['ガラス']);
    expect(searchWords('แก้ว')).to.deep.equal(['แก้ว']);
  });

  it('are none in what has no letters or digits', () => {
    for (const text of ['', '   ', '%_\\', '"+-*()<>~@', "'; --", '☕', '\u200d']) {
      expect(searchWords(text), text).to.deep.equal([]);
    }
  });

  it('never hold what means something to LIKE', () => {
    expect(searchWords('100%_sure\\ ').join()).to.equal('100,sure');
  });
});

describe('the terms of a name', () => {
  it('are the endings of its words, so that each part of a word is the beginning of one', () => {
    expect(searchTerms(searchName('유리컵 no'))).to.have.members(['유리컵', '리컵', '컵', 'no', 'o']);
  });

  it('are cut, and a long word begins like one of them', () => {
    const terms = searchTerms(searchName('abcdefghijklmnopqrstuvwxyz'));
    expect(terms[0]).to.equal('abcdefghijkl');
    expect(terms).to.include(termStart('cdefghijklmnopqrstuvw'));
  });

  it('cut no character in two', () => {
    const letters = '𠮷'.repeat(20);
    expect(searchTerms(searchName(letters))[0]).to.equal('𠮷'.repeat(12));
    expect(searchName('𠮷'.repeat(500)).isWellFormed()).to.equal(true);
  });

  it('are as many as one name can have at most', () => {
    expect(searchTerms(searchName('ﷺ'.repeat(200))).length).to.be.at.most(400);
  });
});
