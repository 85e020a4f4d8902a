// Keys and tokens that their issuers made recognisable, by the beginnings that they publish.
import type { RedactionRule } from './redaction-rule.ts'

/** What comes before and after a token that is recognised by its first letters. */
const edge = String.raw`(?![A-Za-z0-9_-])`

/** A rule for what stands by itself. `needs`: parts in small letters, one of which stands in each of them. */
export function token(kind: string, needs: string, shape: string): RedactionRule {
  return {
    kind,
    needs: needs.split(' '),
    pattern: new RegExp(String.raw`(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))(?:${shape})${edge}`, 'g'),
  }
}

/** Letters of base64 for addresses, and how many at least. */
const url = (least: number): string => String.raw`[A-Za-z0-9_-]{${least},}`
const plain = (least: number): string => `[A-Za-z0-9]{${least},}`

/** A beginning that nobody else uses, and the rest: `beginning rest`, one for each. */
const cloud: readonly (readonly [string, string])[] = [
  ['ltai', `LTAI${plain(12)}`],
  ['ccipat_', `CCIPAT_${plain(16)}_[a-f0-9]{40}`],
  ['cfat_', `cfat_${url(30)}`],
  ['cfut_', `cfut_${url(30)}`],
  ['cfpat-', `CFPAT-${url(40)}`],
  ['dp.pt.', String.raw`dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{30,}`],
  ['fm2_', String.raw`fm2_[A-Za-z0-9+/=_-]{40,}`],
  ['fo1_', `fo1_${url(30)}`],
  ['hrku-', `HRKU-${url(30)}`],
  ['nfp_ nfc_ nfo_ nfb_', `nf[pcob]_${plain(30)}`],
  ['pscale_', String.raw`pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.-]{30,}`],
  ['pul-', 'pul-[a-f0-9]{40}'],
  ['rnd_', `rnd_${plain(28)}`],
  ['sbp_ sb_secret_', `sbp_(?:[a-z]{2}_)?[a-f0-9]{40}|sb_secret_${url(20)}`],
  ['tskey-', `tskey-(?:api|auth|client|scim|webhook)-${url(12)}`],
  ['vcp_ vca_ vci_ vcr_ vck_', `vc[pairk]_${plain(24)}`],
  ['t1.9eu', String.raw`t1\.9eu[A-Za-z0-9_=-]{20,}\.[A-Za-z0-9_=-]{40,}`],
  ['sha256~', `sha256~${url(43)}`],
  ['8q~', String.raw`[A-Za-z0-9_.~-]{3}[78]Q~[A-Za-z0-9_.~-]{31,34}`],
]

const code: readonly (readonly [string, string])[] = [
  ['atatt3', `ATATT3[A-Za-z0-9_=-]{40,}`],
  ['atbb', `ATBB${plain(28)}`],
  ['akcp', `AKCp[A-Za-z0-9]{60,}`],
  ['cmvmd', `cmVmd${plain(50)}`],
  ['bkua_', 'bkua_[a-z0-9]{40}'],
  ['clojars_', 'CLOJARS_[a-z0-9]{60}'],
  ['codecov', 'codecov_[a-z0-9]{30,}'],
  ['cio', `cio${plain(32)}`],
  ['figd_', `fig[duo][rh]?_${url(36)}`],
  ['fio-u-', `fio-u-${url(60)}`],
  ['jfrog', `jfrt@[a-z0-9]+/users/${url(10)}`],
  ['lin_oauth_', 'lin_oauth_[a-f0-9]{60,}'],
  ['ntn_', `ntn_${plain(40)}`],
  ['oy2', 'oy2[a-z0-9]{43}'],
  ['pnu_ pnb_', `pn[ub]_${plain(36)}`],
  ['sgp_', 'sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}'],
  ['slk_', 'slk_[a-f0-9]{64}'],
  ['sntrys_ sntryu_', `sntryu_[a-f0-9]{64}|sntrys_[A-Za-z0-9+/=_-]{40,}`],
  ['sqp_ squ_ sqa_', 'sq[pua]_[a-f0-9]{40}'],
  ['snyk_uat', String.raw`snyk_[us]at\.[a-z0-9]{8}\.[A-Za-z0-9_.-]{30,}`],
  ['ops_eyj', `ops_eyJ${url(80)}`],
  ['a3-', 'A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}'],
  ['glimt- glft- glffct- _gitlab_session=', `gl(?:imt|ft|ffct|wt)-${url(20)}`],
  ['xat.', String.raw`xat\.[0-9]\.[A-Za-z0-9_-]{20,}`],
]

const models: readonly (readonly [string, string])[] = [
  ['gsk_', `gsk_${plain(40)}`],
  ['r8_', `r8_${plain(30)}`],
  ['pplx-', `pplx-${plain(40)}`],
  ['xai-', `xai-${plain(60)}`],
  ['api_org_', `api_org_${plain(30)}`],
  ['pcsk_', `pcsk_${url(40)}`],
  ['tvly-', `tvly-${url(20)}`],
  ['fw_', `fw_${plain(20)}`],
  ['nvapi-', `nvapi-${url(50)}`],
  ['lsv2_', `lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}`],
  ['absk', String.raw`ABSK[A-Za-z0-9+/]{100,}={0,2}`],
]

const money: readonly (readonly [string, string])[] = [
  ['access-', 'access-(?:sandbox|development|production)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'],
  ['duffel_', 'duffel_(?:test|live)_[A-Za-z0-9_=-]{40,}'],
  ['ezak ezat', 'EZ[AT]K[A-Za-z0-9]{54}'],
  ['flwseck', 'FLWSECK(?:_TEST)?-[a-zA-Z0-9]{12,}(?:-X)?'],
  ['shippo_', 'shippo_(?:live|test)_[a-fA-F0-9]{40}'],
  ['sq0', 'sq0[a-z]{3}-[A-Za-z0-9_-]{22,}'],
  ['eaaa', 'EAAA[A-Za-z0-9_-]{56,}'],
  ['rzp_', 'rzp_(?:live|test)_[A-Za-z0-9]{14,}'],
]

const told: readonly (readonly [string, string])[] = [
  ['-us', '[0-9a-f]{32}-us[0-9]{1,2}'],
  ['aio_', 'aio_[A-Za-z0-9]{28}'],
  ['sk.eyj', String.raw`sk\.eyJ${url(40)}\.${url(20)}`],
  ['phx_ phc_', 'ph[xc]_[A-Za-z0-9]{40,}'],
  ['rdme_', 'rdme_[a-z0-9]{70}'],
  ['tfp_', String.raw`tfp_[A-Za-z0-9_.=-]{59}`],
  ['nrii- nrjs- nraa-', 'NR(?:II|JS|AA)-[A-Za-z0-9_-]{19,}'],
  ['dt0c01.', String.raw`dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}`],
  ['hlp_ hlo_', String.raw`hl[po]_[A-Za-z0-9]{30,}`],
  ['sl.u. sl.b', String.raw`sl\.(?:u\.)?[A-Za-z0-9_-]{100,}`],
  ['pat', String.raw`pat[A-Za-z0-9]{14}\.[a-f0-9]{64}`],
  ['pat-na pat-eu', 'pat-(?:na|eu)[0-9]-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'],
  ['ddp_ ddapp_ ddpat_', 'dd(?:p|app|pat)_[A-Za-z0-9]{32,}'],
  ['re_', 're_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}'],
]

function rulesOf(kind: string, shapes: readonly (readonly [string, string])[]): readonly RedactionRule[] {
  return shapes.map(([needs, shape]) => token(kind, needs, shape))
}

/** In any order. */
export const vendorRules: readonly RedactionRule[] = [
  {
    // A bot of a chat: its number in base64, when it was made, and a signature.
    kind: 'service-token',
    needs: ['bot ', 'discord'],
    pattern: /(?<![A-Za-z0-9_-])[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}(?![A-Za-z0-9_-])/g,
  },
  ...rulesOf('cloud-token', cloud),
  ...rulesOf('code-token', code),
  ...rulesOf('model-key', models),
  ...rulesOf('payment-key', money),
  ...rulesOf('service-token', told),
]
