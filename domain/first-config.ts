// The first config that pages, commands and documents show: one and the same, word for word.

/** A source that may send alerts; the token stands in a file of its own. */
export const firstSource = `sources:
  production:
    use: alertmanager
    bearer: file:/etc/millwright/alertmanager.token
    environment: production
    targets:
      - { host: instance, unit: name, mount: mountpoint }`

/** What it takes to look at a host, too. */
export const firstConfig = `${firstSource}
inventory: { use: yaml, file: /etc/millwright/inventory.yaml }
ssh: { readKey: file:/etc/millwright/read_key }`

/** Where documents put it. */
export const firstConfigFile = '/etc/millwright/millwright.yaml'
