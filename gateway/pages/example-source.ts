/** What a config without sources lacks; the token stands in a file of its own. */
export const exampleSource = `sources:
  alertmanager:
    use: alertmanager
    bearer: file:/etc/millwright/alertmanager-token
    targets:
      - host: instance`
