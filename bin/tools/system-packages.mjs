import { aptInstall, aptPlan } from '../apt.mjs'
import { onPath } from '../run.mjs'
import { reasonOf, SetupError } from '../setup-error.mjs'

/**
 * Each package with the program by which it is recognised; none of them starts a daemon.
 * @type {readonly (readonly [string, string])[]}
 */
const programs = [
  ['systemd-container', 'systemd-nspawn'],
  ['debootstrap', 'debootstrap'],
  ['iproute2', 'ip'],
  ['nftables', 'nft'],
  // Debian's smallest images come without it; Ansible's controller and the lab's base need one.
  ['python3', 'python3'],
]
const all = programs.map(([name]) => name)
const fix = `as root, type \`apt-get install --no-install-recommends ${all.join(' ')}\``

/** @type {import('../types.d.mts').Tool} */
export const systemPackages = {
  name: 'system-packages',
  why: 'the lab boots its machines with them',
  where: () => 'the machine, through apt-get',
  fix,
  find: () => (missing().length === 0 ? 'the machine' : null),
  changes: (progress) => aptPlan(missing(), progress),
  get: async (progress) => {
    const names = missing()
    try {
      await aptInstall(names, progress)
    } catch (error) {
      if (error instanceof SetupError) throw error
      throw new SetupError({ what: `Installing ${names.join(', ')} failed`, why: reasonOf(error), fix })
    }
  },
}

function missing() {
  return programs.filter(([, program]) => onPath(program) === null).map(([name]) => name)
}
